/* mailbox.c - a name is a string of NDR, a call a conformant array of bytes that nobody reads. */
#include "scenarios/workload/mailbox.h"

#include "proxy/base/byteorder.h"
#include "proxy/base/mem.h"
#include "scenarios/workload/ndr.h"

#include <string.h>

const struct dcerpc_syntax mailbox_interface = {{0xc1, 0xcf, 0x71, 0xe8, 0x13, 0x35, 0x54, 0x4f,
						 0x9d, 0x2d, 0xe8, 0x9d, 0x1f, 0xb8, 0xcd, 0xbf},
						1,
						0};

void mailbox_write_logon(struct le_buf *o, const char *user)
{
	size_t begun = o->len, n = strlen(user) + 1;

	le_put32(o, (uint32_t)n); /* room, beginning, length */
	le_put32(o, 0);
	le_put32(o, (uint32_t)n);
	le_put(o, user, n);
	ndr_pad(o, begun, 4);
}

void mailbox_write_status(struct le_buf *o, uint32_t status)
{
	le_put32(o, status);
}

char *mailbox_parse_logon(const uint8_t *stub, size_t len)
{
	struct ndr_in in = {.v = stub, .len = len};
	uint32_t room = ndr_u32(&in), first = ndr_u32(&in), n = ndr_u32(&in);
	const char *name = (const char *)ndr_bytes(&in, n);

	if (!name || first || n > room || n < 2 || n > MAILBOX_NAME_MAX + 1 ||
	    strnlen(name, n) != n - 1)
		return NULL;
	return xstrdup(name);
}

void mailbox_write_call(struct le_buf *o, size_t size)
{
	le_put32(o, (uint32_t)size - MAILBOX_CALL_LEAST);
	for (size_t i = MAILBOX_CALL_LEAST; i < size; i++)
		le_put8(o, (unsigned)(i % 251));
}

bool mailbox_check_call(const uint8_t *stub, size_t len)
{
	return len >= MAILBOX_CALL_LEAST && get_le32(stub) == len - MAILBOX_CALL_LEAST;
}
