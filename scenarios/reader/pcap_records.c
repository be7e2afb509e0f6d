/* pcap_records.c - a header of 24 bytes, then records of 16 and a frame. */
#include "scenarios/reader/pcap_records.h"

#include "scenarios/reader/breaks_off.h"

#include <inttypes.h>
#include <string.h>

enum {
	FILE_HEADER = 24,
	RECORD_HEADER = 16,
	RECORD_HEADER_MODIFIED = 24, /* interface, protocol, kind of packet */
	VERSION_MAJOR = 2,
	LINK_TYPE_MASK = 0xffff, /* above it: whether frames have their check sums */
};

static const struct pcap_magic {
	uint32_t magic;
	int64_t unit_ns;
	uint32_t record_head;
} magics[] = {
    {0xa1b2c3d4, NS_PER_US, RECORD_HEADER},
    {0xa1b23c4d, 1, RECORD_HEADER},
    {0xa1b2cd34, NS_PER_US, RECORD_HEADER_MODIFIED},
};

static uint32_t read_u32(const uint8_t *p, bool swapped)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return swapped ? __builtin_bswap32(v) : v;
}

static uint16_t read_u16(const uint8_t *p, bool swapped)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return swapped ? __builtin_bswap16(v) : v;
}

static const struct pcap_magic *find_magic(const uint8_t *start, bool *swapped)
{
	for (size_t i = 0; i < ARRAY_LEN(magics); i++) {
		*swapped = read_u32(start, true) == magics[i].magic;
		if (*swapped || read_u32(start, false) == magics[i].magic)
			return &magics[i];
	}
	return NULL;
}

bool pcap_records_begin(const uint8_t *start)
{
	bool swapped;

	return find_magic(start, &swapped) != NULL;
}

int pcap_records_open(struct pcap_records *r, struct byte_source *s, struct err *e)
{
	const struct pcap_magic *magic;
	const uint8_t *head;
	uint16_t version;

	if (byte_source_peek(s, FILE_HEADER, &head) < FILE_HEADER)
		return err_breaks_off(e, s, "its header", 0);
	magic = find_magic(head, &r->swapped);
	version = read_u16(head + 4, r->swapped);
	if (!magic || version != VERSION_MAJOR)
		return err_set(e, "it has version %u of the pcap format; version 2 is read",
			       version);
	r->unit_ns = magic->unit_ns;
	r->record_head = magic->record_head;
	r->snaplen = read_u32(head + 16, r->swapped);
	r->len_max = r->snaplen > CAPTURED_LEN_USUAL ? r->snaplen : CAPTURED_LEN_USUAL;
	if (r->len_max > CAPTURED_LEN_MAX)
		r->len_max = CAPTURED_LEN_MAX;
	r->link_type = (uint16_t)(read_u32(head + 20, r->swapped) & LINK_TYPE_MASK);
	return byte_source_skip(s, FILE_HEADER) ? 0 : err_breaks_off(e, s, "its header", 0);
}

int pcap_records_next(struct pcap_records *r, struct byte_source *s, struct capture_record *out,
		      struct err *e)
{
	const uint8_t *head;
	uint64_t offset = byte_source_offset(s);
	size_t there = byte_source_peek(s, r->record_head, &head);
	uint32_t len, fraction;

	if (!there && !byte_source_fault(s))
		return 0;
	if (there < r->record_head)
		return err_breaks_off(e, s, "a record's header", offset);
	len = read_u32(head + 8, r->swapped);
	if (len > r->len_max)
		return err_set(e,
			       "the record at offset %" PRIu64 " claims %u bytes of frame; "
			       "the file's snap length is %u, and at most %u are read",
			       offset, len, r->snaplen, r->len_max);
	if (byte_source_peek(s, r->record_head + len, &head) < r->record_head + len)
		return err_breaks_off(e, s, "a record", offset);
	fraction = read_u32(head + 4, r->swapped);
	if (fraction >= NS_PER_S / r->unit_ns)
		fraction = (uint32_t)(NS_PER_S / r->unit_ns - 1);
	*out = (struct capture_record){
	    .at = (int64_t)read_u32(head, r->swapped) * NS_PER_S + fraction * r->unit_ns,
	    .data = head + r->record_head,
	    .captured_len = len,
	    .wire_len = read_u32(head + 12, r->swapped),
	    .link_type = r->link_type,
	    .offset = offset,
	};
	if (out->wire_len < len)
		out->wire_len = len;
	/* The bytes stay where they are until the next look ahead. */
	return byte_source_skip(s, r->record_head + len) ? 1
							 : err_breaks_off(e, s, "a record", offset);
}
