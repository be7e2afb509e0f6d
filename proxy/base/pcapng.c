/* pcapng.c - encodes pcapng blocks (draft-ietf-opsawg-pcapng) in this machine's byte order. */
#include "proxy/base/pcapng.h"

#include "proxy/base/mem.h"

#include <string.h>

/* Block types, the byte-order magic and option codes: sections 4.1 to 4.6 of the draft. */
enum {
	BLOCK_SECTION = 0x0a0d0d0a,
	BLOCK_INTERFACE = 1,
	BLOCK_STATISTICS = 5,
	BLOCK_PACKET = 6,
	BYTE_ORDER_MAGIC = 0x1a2b3c4d,
};
enum {
	OPT_END = 0,
	OPT_COMMENT = 1,
	SHB_OS = 3,
	SHB_APPLICATION = 4,
	IF_NAME = 2,
	IF_DESCRIPTION = 3,
	IF_TSRESOL = 9,
	ISB_RECEIVED = 4,
	ISB_DROPPED = 5,
};

#define OPTION_BYTES_MAX UINT16_MAX

static void put(struct pcapng_buf *b, const void *data, size_t len)
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
	put(b, data, len);
	put(b, "\0\0\0", (4 - len % 4) % 4);
}

static void put16(struct pcapng_buf *b, uint16_t v)
{
	put(b, &v, sizeof(v));
}

static void put32(struct pcapng_buf *b, uint32_t v)
{
	put(b, &v, sizeof(v));
}

static void put_option(struct pcapng_buf *b, uint16_t code, const void *data, size_t len)
{
	put16(b, code);
	put16(b, (uint16_t)len);
	put_padded(b, data, len);
}

static void put_text_option(struct pcapng_buf *b, uint16_t code, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	if (len)
		put_option(b, code, text, len < OPTION_BYTES_MAX ? len : OPTION_BYTES_MAX);
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

/* Ends the block: its total length stands before and behind the body. */
static void end(struct pcapng_buf *b, size_t start)
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
	put(b, &unknown_length, sizeof(unknown_length));
	put_text_option(b, SHB_OS, os);
	put_text_option(b, SHB_APPLICATION, application);
	put_option(b, OPT_END, NULL, 0);
	end(b, start);
}

void pcapng_interface(struct pcapng_buf *b, uint16_t linktype, uint32_t snaplen, const char *name,
		      const char *description)
{
	const uint8_t nanoseconds = 9;
	size_t start = begin(b, BLOCK_INTERFACE);

	put16(b, linktype);
	put16(b, 0);
	put32(b, snaplen);
	put_text_option(b, IF_NAME, name);
	put_text_option(b, IF_DESCRIPTION, description);
	put_option(b, IF_TSRESOL, &nanoseconds, sizeof(nanoseconds));
	put_option(b, OPT_END, NULL, 0);
	end(b, start);
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
		put_text_option(b, OPT_COMMENT, comment);
		put_option(b, OPT_END, NULL, 0);
	}
	end(b, start);
}

void pcapng_statistics(struct pcapng_buf *b, uint32_t interface, int64_t wall_ns, uint64_t received,
		       uint64_t dropped)
{
	size_t start = begin(b, BLOCK_STATISTICS);

	put32(b, interface);
	put_time(b, wall_ns);
	put_option(b, ISB_RECEIVED, &received, sizeof(received));
	put_option(b, ISB_DROPPED, &dropped, sizeof(dropped));
	put_option(b, OPT_END, NULL, 0);
	end(b, start);
}
