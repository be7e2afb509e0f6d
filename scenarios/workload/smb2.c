/* smb2.c - numbers byte by byte, a buffer that doubles. */
#include "scenarios/workload/smb2.h"

#include "proxy/base/byteorder.h"
#include "proxy/base/mem.h"

#include <string.h>

static const uint8_t protocol[] = {0xfe, 'S', 'M', 'B'};

void smb2_bytes(struct smb2_out *o, const void *data, size_t len)
{
	if (o->len + len > o->room) {
		o->room = 2 * (o->len + len);
		o->v = xrealloc(o->v, 1, o->room);
	}
	if (len)
		memcpy(o->v + o->len, data, len);
	o->len += len;
}

static void put_number(struct smb2_out *o, uint64_t value, size_t bytes)
{
	uint8_t le[8];

	for (size_t i = 0; i < bytes; i++)
		le[i] = (uint8_t)(value >> (8 * i));
	smb2_bytes(o, le, bytes);
}

void smb2_u8(struct smb2_out *o, unsigned value)
{
	put_number(o, value, 1);
}

void smb2_u16(struct smb2_out *o, unsigned value)
{
	put_number(o, value, 2);
}

void smb2_u32(struct smb2_out *o, uint32_t value)
{
	put_number(o, value, 4);
}

void smb2_u64(struct smb2_out *o, uint64_t value)
{
	put_number(o, value, 8);
}

void smb2_zeros(struct smb2_out *o, size_t len)
{
	for (size_t i = 0; i < len; i++)
		smb2_u8(o, 0);
}

void smb2_text(struct smb2_out *o, const char *text)
{
	for (; *text; text++)
		smb2_u16(o, (unsigned char)*text);
}

size_t smb2_begin(struct smb2_out *o, const struct smb2_head *h)
{
	size_t begun = o->len;

	smb2_zeros(o, SMB2_FRAME);
	smb2_bytes(o, protocol, sizeof(protocol));
	smb2_u16(o, SMB2_HEADER);
	smb2_u16(o, 0); /* no credit charge in this dialect */
	smb2_u32(o, h->status);
	smb2_u16(o, h->command);
	smb2_u16(o, h->credits);
	smb2_u32(o, h->flags);
	smb2_u32(o, 0); /* no other message in this one */
	smb2_u64(o, h->message);
	smb2_u32(o, 0xfeff); /* reserved; as clients of this dialect have it */
	smb2_u32(o, h->tree);
	smb2_u64(o, h->session);
	smb2_zeros(o, 16); /* not signed */
	return begun;
}

void smb2_end(struct smb2_out *o, size_t begun)
{
	put_be32(o->v + begun, (uint32_t)(o->len - begun - SMB2_FRAME));
}

uint16_t smb2_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

uint32_t smb2_get32(const uint8_t *p)
{
	return smb2_get16(p) | (uint32_t)smb2_get16(p + 2) << 16;
}

uint64_t smb2_get64(const uint8_t *p)
{
	return smb2_get32(p) | (uint64_t)smb2_get32(p + 4) << 32;
}

ssize_t smb2_parse(const uint8_t *data, size_t len, struct smb2_head *h, struct err *e)
{
	const uint8_t *p = data + SMB2_FRAME;
	uint32_t size;

	if (len < SMB2_FRAME + SMB2_HEADER)
		return 0;
	size = get_be32(data);
	if (memcmp(p, protocol, sizeof(protocol)) != 0 || size < SMB2_HEADER + 2 ||
	    size > SMB2_READ_MAX + 4096)
		return err_set(e, "not a message of SMB2");
	*h = (struct smb2_head){
	    .command = smb2_get16(p + 12),
	    .credits = smb2_get16(p + 14),
	    .status = smb2_get32(p + 8),
	    .flags = smb2_get32(p + 16),
	    .tree = smb2_get32(p + 36),
	    .message = smb2_get64(p + 24),
	    .session = smb2_get64(p + 40),
	};
	return (ssize_t)size + SMB2_FRAME;
}
