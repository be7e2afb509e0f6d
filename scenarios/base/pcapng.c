/* pcapng.c - the blocks of draft-ietf-opsawg-pcapng, in this machine's byte order. */
#include "scenarios/base/pcapng.h"

#include "scenarios/base/pcapng_format.h"

/* A time stamp's high half stands first, whatever the byte order (4.3). */
static void put_time(struct pcapng_buf *b, int64_t wall_ns)
{
	pcapng_put32(b, (uint32_t)((uint64_t)wall_ns >> 32));
	pcapng_put32(b, (uint32_t)wall_ns);
}

void pcapng_section(struct pcapng_buf *b, const char *application, const char *os,
		    const char *comment)
{
	const int64_t unknown_length = -1;
	size_t start = pcapng_begin(b, BLOCK_SECTION);

	pcapng_put32(b, BYTE_ORDER_MAGIC);
	pcapng_put16(b, 1); /* version 1.0 */
	pcapng_put16(b, 0);
	pcapng_put(b, &unknown_length, sizeof(unknown_length));
	pcapng_put_text(b, OPT_COMMENT, comment);
	pcapng_put_text(b, SHB_OS, os);
	pcapng_put_text(b, SHB_APPLICATION, application);
	pcapng_put_option(b, OPT_END, NULL, 0);
	pcapng_end(b, start);
}

void pcapng_interface(struct pcapng_buf *b, uint16_t linktype, uint32_t snaplen, const char *name,
		      const char *description)
{
	const uint8_t nanoseconds = PCAPNG_NANOSECONDS;
	size_t start = pcapng_begin(b, BLOCK_INTERFACE);

	pcapng_put16(b, linktype);
	pcapng_put16(b, 0);
	pcapng_put32(b, snaplen);
	pcapng_put_text(b, IF_NAME, name);
	pcapng_put_text(b, IF_DESCRIPTION, description);
	pcapng_put_option(b, IF_TSRESOL, &nanoseconds, sizeof(nanoseconds));
	pcapng_put_option(b, OPT_END, NULL, 0);
	pcapng_end(b, start);
}

void pcapng_packet(struct pcapng_buf *b, uint32_t interface, int64_t wall_ns, const uint8_t *data,
		   uint32_t caplen, uint32_t len, const char *comment)
{
	size_t start = pcapng_begin(b, BLOCK_PACKET);

	pcapng_put32(b, interface);
	put_time(b, wall_ns);
	pcapng_put32(b, caplen);
	pcapng_put32(b, len);
	pcapng_put_padded(b, data, caplen);
	if (comment && *comment) {
		pcapng_put_text(b, OPT_COMMENT, comment);
		pcapng_put_option(b, OPT_END, NULL, 0);
	}
	pcapng_end(b, start);
}

void pcapng_statistics(struct pcapng_buf *b, uint32_t interface, int64_t wall_ns, uint64_t received,
		       uint64_t dropped)
{
	size_t start = pcapng_begin(b, BLOCK_STATISTICS);

	pcapng_put32(b, interface);
	put_time(b, wall_ns);
	pcapng_put_option(b, ISB_RECEIVED, &received, sizeof(received));
	pcapng_put_option(b, ISB_DROPPED, &dropped, sizeof(dropped));
	pcapng_put_option(b, OPT_END, NULL, 0);
	pcapng_end(b, start);
}

void pcapng_secrets(struct pcapng_buf *b, const void *keylog, uint32_t len)
{
	size_t start = pcapng_begin(b, BLOCK_SECRETS);

	pcapng_put32(b, SECRETS_TLS_KEY_LOG);
	pcapng_put32(b, len);
	pcapng_put_padded(b, keylog, len);
	pcapng_end(b, start);
}
