/* pcapng_buf.c - a block's length is known only at its end. */
#include "scenarios/base/pcapng_buf.h"

#include "proxy/base/mem.h"

#include <string.h>

#define OPTION_BYTES_MAX UINT16_MAX

void pcapng_put(struct pcapng_buf *b, const void *data, size_t len)
{
	if (b->room - b->len < len) {
		b->room = 2 * b->room + len + 256;
		b->data = xrealloc(b->data, b->room, 1);
	}
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
}

void pcapng_put_padded(struct pcapng_buf *b, const void *data, size_t len)
{
	pcapng_put(b, data, len);
	pcapng_put(b, "\0\0\0", (4 - len % 4) % 4);
}

void pcapng_put16(struct pcapng_buf *b, uint16_t v)
{
	v = b->swapped ? __builtin_bswap16(v) : v;
	pcapng_put(b, &v, sizeof(v));
}

void pcapng_put32(struct pcapng_buf *b, uint32_t v)
{
	v = b->swapped ? __builtin_bswap32(v) : v;
	pcapng_put(b, &v, sizeof(v));
}

void pcapng_put_option(struct pcapng_buf *b, uint16_t code, const void *data, size_t len)
{
	pcapng_put16(b, code);
	pcapng_put16(b, (uint16_t)len);
	pcapng_put_padded(b, data, len);
}

void pcapng_put_text(struct pcapng_buf *b, uint16_t code, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	if (len)
		pcapng_put_option(b, code, text, len < OPTION_BYTES_MAX ? len : OPTION_BYTES_MAX);
}

size_t pcapng_begin(struct pcapng_buf *b, uint32_t type)
{
	size_t start = b->len;

	pcapng_put32(b, type);
	pcapng_put32(b, 0);
	return start;
}

void pcapng_end(struct pcapng_buf *b, size_t start)
{
	uint32_t total = (uint32_t)(b->len - start + sizeof(total));

	pcapng_put32(b, total);
	memcpy(b->data + start + sizeof(uint32_t), b->data + b->len - sizeof(total), sizeof(total));
}
