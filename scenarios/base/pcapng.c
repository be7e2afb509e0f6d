/* pcapng.c - encodes pcapng blocks (draft-ietf-opsawg-pcapng) in this machine's byte order. */
#include "scenarios/base/pcapng.h"

#include "proxy/base/mem.h"
#include "scenarios/base/pcapng_format.h"

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

static void put_padded(struct pcapng_buf *b, const void *data, size_t len)
{
	pcapng_put(b, data, len);
	pcapng_put(b, "\0\0\0", (4 - len % 4) % 4);
}

static void put16(struct pcapng_buf *b, uint16_t v)
{
	pcapng_put(b, &v, sizeof(v));
}

static void put32(struct pcapng_buf *b, uint32_t v)
{
	pcapng_put(b, &v, sizeof(v));
}

void pcapng_put_option(struct pcapng_buf *b, uint16_t code, const void *data, size_t len)
{
	put16(b, code);
	put16(b, (uint16_t)len);
	put_padded(b, data, len);
}

void pcapng_put_text(struct pcapng_buf *b, uint16_t code, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	if (len)
		pcapng_put_option(b, code, text, len < OPTION_BYTES_MAX ? len : OPTION_BYTES_MAX);
}

/* A time stamp's high half stands first, whatever the byte order (4.3). */
static void put_time(struct pcapng_buf *b, int64_t wall_ns)
{
	put32(b, (uint32_t)((uint64_t)wall_ns >> 32));
	put32(b, (uint32_t)wall_ns);
}

/* Begins a block and returns where; its length is known only at the end. */
static size_t begin(struct pcapng_buf *b, uint32_t type)
{
	size_t start = b->len;

	put32(b, type);
	put32(b, 0);
	return start;
}

void pcapng_end(struct pcapng_buf *b, size_t start)
{
	uint32_t total = (uint32_t)(b->len - start + sizeof(total));

	put32(b, total);
	memcpy(b->data + start + sizeof(uint32_t), &total, sizeof(total));
}

void pcapng_section(struct pcapng_buf *b, const char *application, const char *os)
{
	const int64_t unknown_length = -1;
	size_t start = begin(b, BLOCK_SECTION);

	put32(b, BYTE_ORDER_MAGIC);
	put16(b, 1); /* version 1.0 */
	put16(b, 0);
	pcapng_put(b, &unknown_length, sizeof(unknown_length));
	pcapng_put_text(b, SHB_OS, os);
	pcapng_put_text(b, SHB_APPLICATION, application);
	pcapng_put_option(b, OPT_END, NULL, 0);
	pcapng_end(b, start);
}

void pcapng_interface(struct pcapng_buf *b, uint16_t linktype, uint32_t snaplen, const char *name,
		      const char *description)
{
	const uint8_t nanoseconds = PCAPNG_NANOSECONDS;
	size_t start = begin(b, BLOCK_INTERFACE);

	put16(b, linktype);
	put16(b, 0);
	put32(b, snaplen);
	pcapng_put_text(b, IF_NAME, name);
	pcapng_put_text(b, IF_DESCRIPTION, description);
	pcapng_put_option(b, IF_TSRESOL, &nanoseconds, sizeof(nanoseconds));
	pcapng_put_option(b, OPT_END, NULL, 0);
	pcapng_end(b, start);
}

void pcapng_packet(struct pcapng_buf *b, uint32_t interface, int64_t wall_ns, const uint8_t *data,
		   uint32_t caplen, uint32_t len, const char *comment)
{
	size_t start = begin(b, BLOCK_PACKET);

	put32(b, interface);
	put_time(b, wall_ns);
	put32(b, caplen);
	put32(b, len);
	put_padded(b, data, caplen);
	if (comment && *comment) {
		pcapng_put_text(b, OPT_COMMENT, comment);
		pcapng_put_option(b, OPT_END, NULL, 0);
	}
	pcapng_end(b, start);
}

void pcapng_statistics(struct pcapng_buf *b, uint32_t interface, int64_t wall_ns, uint64_t received,
		       uint64_t dropped)
{
	size_t start = begin(b, BLOCK_STATISTICS);

	put32(b, interface);
	put_time(b, wall_ns);
	pcapng_put_option(b, ISB_RECEIVED, &received, sizeof(received));
	pcapng_put_option(b, ISB_DROPPED, &dropped, sizeof(dropped));
	pcapng_put_option(b, OPT_END, NULL, 0);
	pcapng_end(b, start);
}

void pcapng_secrets(struct pcapng_buf *b, const void *keylog, uint32_t len)
{
	size_t start = begin(b, BLOCK_SECRETS);

	put32(b, SECRETS_TLS_KEY_LOG);
	put32(b, len);
	put_padded(b, keylog, len);
	pcapng_end(b, start);
}
