/* urgent.c - such a byte is a reference into a table that nothing else refers to. */
#include "proxy/stream/flow/urgent.h"

#include <event2/buffer.h>
#include <limits.h>
#include <stdint.h>

enum { BYTES = UCHAR_MAX + 1 };

static unsigned char table[BYTES]; /* every byte at its own place */

int urgent_append(struct evbuffer *buf, unsigned char byte)
{
	table[byte] = byte;
	return evbuffer_add_reference(buf, &table[byte], 1, NULL, NULL);
}

bool urgent_is_at(const void *base)
{
	return (uintptr_t)base - (uintptr_t)table < BYTES;
}
