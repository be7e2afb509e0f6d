/* pcapng_blocks.c - believes no length that it has not checked. */
#include "scenarios/base/pcapng_blocks.h"

#include "proxy/base/mem.h"

#include "scenarios/base/pcapng_format.h"

#include <string.h>

/* Offsets in a block: type and length come first (3.1), the length again at its end. */
enum {
	BODY = 8,
	SECTION_LENGTH = 16,
	SECTION_OPTIONS = 24,
	INTERFACE_OPTIONS = 16,
	STATISTICS_OPTIONS = 20,
	STAMP = 12, /* of a packet and of statistics */
	PACKET_CAPLEN = 20,
	PACKET_DATA = 28,
	TRAILER = 4,
};

static uint32_t read_u32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint16_t read_u16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static size_t padded_length(size_t len)
{
	return (len + 3) & ~(size_t)3;
}

/* The fixed part of a block that long fits, and options may follow it. */
static bool has_room(struct pcapng_block *b, size_t options)
{
	b->options = options;
	return b->len >= options + TRAILER;
}

/* Counts the options, and finds the value of the one with that code. false: they are broken. */
static bool read_options(struct pcapng_block *b, uint16_t code, const uint8_t **value, size_t *len)
{
	size_t at = b->options, end = b->len - TRAILER;

	*value = NULL;
	while (at < end) {
		uint16_t this_code, this_len;

		if (end - at < 4)
			return false;
		this_code = read_u16(b->bytes + at);
		this_len = read_u16(b->bytes + at + 2);
		at += 4;
		if (this_code == OPT_END)
			return this_len == 0 && at == end;
		if (end - at < padded_length(this_len))
			return false;
		if (this_code == code && !*value) {
			*value = b->bytes + at;
			*len = this_len;
		}
		at += padded_length(this_len);
		b->noptions++;
	}
	return true;
}

char *pcapng_comment(const struct pcapng_block *b)
{
	struct pcapng_block again = *b; /* its options are counted already */
	const uint8_t *value = NULL;
	size_t len = 0;

	if (!read_options(&again, OPT_COMMENT, &value, &len) || !value)
		return NULL;
	return xasprintf("%.*s", (int)len, (const char *)value);
}

bool pcapng_is_by(const uint8_t *start, size_t len, const char *application)
{
	struct pcapng_block b = {.bytes = start, .options = SECTION_OPTIONS};
	const uint8_t *value = NULL;
	size_t n = 0;

	if (len < SECTION_OPTIONS + TRAILER || read_u32(start) != BLOCK_SECTION ||
	    read_u32(start + BODY) != BYTE_ORDER_MAGIC)
		return false;
	b.len = read_u32(start + 4) < len ? read_u32(start + 4) : len;
	return b.len >= SECTION_OPTIONS + TRAILER &&
	       read_options(&b, SHB_APPLICATION, &value, &n) && value && n == strlen(application) &&
	       memcmp(value, application, n) == 0;
}

static int read_section(struct pcapng_walk *w, struct pcapng_block *b, struct err *e)
{
	if (w->at)
		return err_set(e, "it has more than one section");
	if (!has_room(b, SECTION_OPTIONS))
		return err_set(e, "its section header is too short");
	if (read_u16(b->bytes + 12) != 1)
		return err_set(e, "it has version %u of the format", read_u16(b->bytes + 12));
	b->kind = PCAPNG_SECTION;
	return 0;
}

static int read_interface(struct pcapng_walk *w, struct pcapng_block *b, struct err *e)
{
	const uint8_t *resolution;
	size_t len = 0;

	if (w->packets)
		return err_set(e, "it has an interface behind packets");
	if (!has_room(b, INTERFACE_OPTIONS) || !read_options(b, IF_TSRESOL, &resolution, &len))
		return err_set(e, "it has a broken interface");
	if (!resolution || len != 1 || *resolution != PCAPNG_NANOSECONDS)
		return err_set(e, "it has time stamps that aren't in nanoseconds");
	b->kind = PCAPNG_INTERFACE;
	b->linktype = read_u16(b->bytes + BODY);
	if (w->interfaces && b->linktype != w->linktype)
		return err_set(e, "it has interfaces of different link types");
	w->linktype = b->linktype;
	b->noptions = 0; /* counted again below */
	w->interfaces++;
	return 0;
}

/* what: that has it, for the error. */
static int read_stamp(struct pcapng_block *b, const char *what, struct err *e)
{
	uint64_t stamp =
	    (uint64_t)read_u32(b->bytes + STAMP) << 32 | read_u32(b->bytes + STAMP + 4);

	if (stamp > INT64_MAX)
		return err_set(e, "it has %s of the far future", what);
	b->wall_ns = (int64_t)stamp;
	return 0;
}

static int read_packet(struct pcapng_walk *w, struct pcapng_block *b, struct err *e)
{
	if (!has_room(b, PACKET_DATA))
		return err_set(e, "it has a packet that is too short");
	b->interface = read_u32(b->bytes + BODY);
	b->caplen = read_u32(b->bytes + PACKET_CAPLEN);
	b->wire_len = read_u32(b->bytes + PACKET_CAPLEN + 4);
	if (b->interface >= w->interfaces)
		return err_set(e, "it has a packet of an unknown interface");
	if (b->caplen > b->len - PACKET_DATA - TRAILER ||
	    !has_room(b, PACKET_DATA + padded_length(b->caplen)))
		return err_set(e, "it has a packet that is longer than its block");
	if (read_stamp(b, "a packet", e) == -1)
		return -1;
	b->kind = PCAPNG_PACKET;
	b->linktype = w->linktype;
	b->packet = b->bytes + PACKET_DATA;
	w->packets++;
	return 0;
}

static int read_statistics(struct pcapng_walk *w, struct pcapng_block *b, struct err *e)
{
	if (!has_room(b, STATISTICS_OPTIONS))
		return err_set(e, "it has statistics that are too short");
	b->interface = read_u32(b->bytes + BODY);
	if (b->interface >= w->interfaces)
		return err_set(e, "it has statistics of an unknown interface");
	b->kind = PCAPNG_STATISTICS;
	return read_stamp(b, "statistics", e);
}

static int read_body(struct pcapng_walk *w, struct pcapng_block *b, struct err *e)
{
	switch (read_u32(b->bytes)) {
	case BLOCK_SECTION:
		return read_section(w, b, e);
	case BLOCK_INTERFACE:
		return read_interface(w, b, e);
	case BLOCK_PACKET:
		return read_packet(w, b, e);
	case BLOCK_STATISTICS:
		return read_statistics(w, b, e);
	default:
		b->options = b->len - TRAILER; /* unknown: copied as it is */
		return 0;
	}
}

int pcapng_next(struct pcapng_walk *w, struct pcapng_block *b, struct err *e)
{
	size_t left = w->len - w->at;
	const uint8_t *value;
	size_t value_len;

	*b = (struct pcapng_block){.kind = PCAPNG_OTHER, .bytes = w->data + w->at};
	if (w->at == 0 &&
	    (left < SECTION_OPTIONS + TRAILER || read_u32(b->bytes) != BLOCK_SECTION ||
	     read_u32(b->bytes + BODY) != BYTE_ORDER_MAGIC))
		return err_set(e, "it is no pcapng capture of this machine");
	if (left == 0)
		return 0;
	if (left < BODY + TRAILER)
		return err_set(e, "it breaks off");
	b->len = read_u32(b->bytes + 4);
	if (b->len > left)
		return err_set(e, "it breaks off");
	if (b->len < BODY + TRAILER || b->len % 4 ||
	    read_u32(b->bytes + b->len - TRAILER) != (uint32_t)b->len)
		return err_set(e, "it has a block with wrong lengths");
	if (read_body(w, b, e) == -1)
		return -1;
	if (!read_options(b, OPT_END, &value, &value_len))
		return err_set(e, "it has a block with broken options");
	w->at += b->len;
	return 1;
}

void pcapng_copy(struct pcapng_buf *out, const struct pcapng_block *b, uint32_t add_interface,
		 const char *comment)
{
	const uint64_t unspecified = UINT64_MAX;
	uint32_t interface = b->interface + add_interface;
	size_t start = out->len;

	pcapng_put(out, b->bytes, b->options);
	if (b->kind == PCAPNG_SECTION)
		memcpy(out->data + start + SECTION_LENGTH, &unspecified, sizeof(unspecified));
	if (b->kind == PCAPNG_PACKET || b->kind == PCAPNG_STATISTICS)
		memcpy(out->data + start + BODY, &interface, sizeof(interface));
	if (comment && *comment && b->kind != PCAPNG_OTHER) {
		pcapng_put_text(out, OPT_COMMENT, comment);
		if (!b->noptions)
			pcapng_put_option(out, OPT_END, NULL, 0);
	}
	/* An end of options that stands alone was written anew. */
	if (b->noptions || !comment || !*comment || b->kind == PCAPNG_OTHER)
		pcapng_put(out, b->bytes + b->options, b->len - TRAILER - b->options);
	pcapng_end(out, start);
}
