/* le_buf.c - a buffer that doubles. */
#include "scenarios/workload/le_buf.h"

#include "proxy/base/mem.h"

#include <string.h>

void le_put(struct le_buf *o, const void *data, size_t len)
{
	if (o->len + len > o->room) {
		o->room = 2 * (o->len + len);
		o->v = xrealloc(o->v, 1, o->room);
	}
	if (len)
		memcpy(o->v + o->len, data, len);
	o->len += len;
}

static void put_number(struct le_buf *o, uint64_t value, size_t bytes)
{
	uint8_t le[8];

	for (size_t i = 0; i < bytes; i++)
		le[i] = (uint8_t)(value >> (8 * i));
	le_put(o, le, bytes);
}

void le_put8(struct le_buf *o, unsigned value)
{
	put_number(o, value, 1);
}

void le_put16(struct le_buf *o, unsigned value)
{
	put_number(o, value, 2);
}

void le_put32(struct le_buf *o, uint32_t value)
{
	put_number(o, value, 4);
}

void le_put64(struct le_buf *o, uint64_t value)
{
	put_number(o, value, 8);
}

void le_put_zeros(struct le_buf *o, size_t len)
{
	for (size_t i = 0; i < len; i++)
		le_put8(o, 0);
}

void le_put_utf16(struct le_buf *o, const char *text)
{
	for (; *text; text++)
		le_put16(o, (unsigned char)*text);
}
