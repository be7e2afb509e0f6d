/* pcapng_records.c - blocks that matter are looked at whole, within a limit; all others are only
 * gone over, however long they claim to be. */
#include "scenarios/reader/pcapng_records.h"

#include "proxy/base/mem.h"
#include "scenarios/reader/breaks_off.h"
#include "scenarios/reader/pcapng_time.h"
#include "scenarios/reader/raw_block.h"

#include <inttypes.h>
#include <string.h>

#define INTERFACES_MAX 65536u /* bounds the memory of a hostile file */

struct pcapng_source {
	uint16_t link_type;
	uint8_t resolution;
	uint32_t snaplen; /* 0: no limit */
	int64_t offset;	  /* seconds */
	uint64_t told;	  /* dropped, by its latest statistics */
	uint64_t between; /* dropped, by the counts of its packets */
	enum capture_leg leg;
};

static void add_saturating(uint64_t *sum, uint64_t v)
{
	*sum = *sum + v < *sum ? UINT64_MAX : *sum + v;
}

static uint64_t dropped_here(const struct pcapng_records *r)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < r->n; i++) {
		const struct pcapng_source *x = &r->interfaces[i];

		add_saturating(&sum, x->told > x->between ? x->told : x->between);
	}
	return sum;
}

uint64_t pcapng_records_dropped(const struct pcapng_records *r)
{
	uint64_t sum = r->dropped;

	add_saturating(&sum, dropped_here(r));
	return sum;
}

static int take_section(struct pcapng_records *r, const struct raw_block *b, struct err *e)
{
	if (b->len < SECTION_OPTIONS + TRAILER)
		return raw_block_err(e, b, "is too short for a section header");
	if (raw_block_u16(b, 12) != 1)
		return err_set(e,
			       "the section at offset %" PRIu64
			       " has version %u of the pcapng format; "
			       "version 1 is read",
			       b->offset, raw_block_u16(b, 12));
	r->dropped = pcapng_records_dropped(r);
	r->first += r->n;
	r->n = 0;
	return 0;
}

/* Returns the leg that an interface is called by: wedge run has the leg in the description, and
 * behind a comma where it was captured; wedge proxy in the name. */
static enum capture_leg leg_of(const struct raw_block *b, size_t value, uint16_t len)
{
	static const char *const names[] = {
	    [CAPTURE_LEG_CLIENT] = "client leg", [CAPTURE_LEG_SERVER] = "server leg"};

	for (int leg = CAPTURE_LEG_CLIENT; leg <= CAPTURE_LEG_SERVER; leg++) {
		size_t n = strlen(names[leg]);

		if (len >= n && !memcmp(b->bytes + value, names[leg], n) &&
		    (len == n || b->bytes[value + n] == ','))
			return (enum capture_leg)leg;
	}
	return CAPTURE_LEG_NONE;
}

static int take_interface(struct pcapng_records *r, const struct raw_block *b, struct err *e)
{
	struct pcapng_source x = {.resolution = PCAPNG_MICROSECONDS};
	size_t at = INTERFACE_OPTIONS, value = 0;
	uint16_t len = 0;
	int code;

	if (b->len < INTERFACE_OPTIONS + TRAILER)
		return raw_block_err(e, b, "is too short for an interface");
	if (r->n == INTERFACES_MAX)
		return raw_block_err(e, b, "is the section's 65537th interface; 65536 are read");
	x.link_type = raw_block_u16(b, BODY);
	x.snaplen = raw_block_u32(b, BODY + 4);
	while ((code = raw_block_option(b, &at, &value, &len)) > OPT_END) {
		if (code == IF_TSRESOL && len == 1)
			x.resolution = b->bytes[value];
		else if (code == IF_TSOFFSET && len == 8)
			x.offset = (int64_t)raw_block_u64(b, value);
		else if ((code == IF_NAME || code == IF_DESCRIPTION) && !x.leg)
			x.leg = leg_of(b, value, len);
	}
	if (code == -1)
		return raw_block_err(e, b, "has broken options");
	r->legs |= (uint8_t)x.leg;
	if (r->n == r->room) {
		r->room = r->room ? 2 * r->room : 4;
		r->interfaces = xrealloc(r->interfaces, r->room, sizeof(*r->interfaces));
	}
	r->interfaces[r->n++] = x;
	return 0;
}

/* Statistics are taken when a capture ends, and may say themselves when that was. */
static void note_until(struct pcapng_records *r, const struct pcapng_source *x, uint64_t units)
{
	int64_t at = units ? pcapng_time(units, x->resolution, x->offset) : 0;

	if (at > r->until)
		r->until = at;
}

/* Statistics count from the start of the capture: the latest hold. */
static int take_statistics(struct pcapng_records *r, const struct raw_block *b, struct err *e)
{
	size_t at = STATISTICS_OPTIONS, value = 0;
	uint64_t dropped = 0;
	bool told = false;
	uint16_t len = 0;
	uint32_t number;
	int code;

	if (b->len < STATISTICS_OPTIONS + TRAILER)
		return raw_block_err(e, b, "is too short for statistics");
	number = raw_block_u32(b, BODY);
	if (number >= r->n)
		return raw_block_err(e, b, "has statistics of an unknown interface");
	note_until(r, &r->interfaces[number],
		   (uint64_t)raw_block_u32(b, BODY + 4) << 32 | raw_block_u32(b, BODY + 8));
	while ((code = raw_block_option(b, &at, &value, &len)) > OPT_END) {
		if (code == ISB_END_TIME && len == 8)
			note_until(r, &r->interfaces[number],
				   (uint64_t)raw_block_u32(b, value) << 32 |
				       raw_block_u32(b, value + 4));
		if ((code != ISB_DROPPED && code != ISB_OS_DROPPED) || len != 8 ||
		    raw_block_u64(b, value) == UINT64_MAX)
			continue;
		add_saturating(&dropped, raw_block_u64(b, value));
		told = true;
	}
	if (!told)
		return 0;
	r->interfaces[number].told = dropped;
	r->drops_known = true;
	return 0;
}

static void take_packet_options(struct pcapng_records *r, struct pcapng_source *x,
				const struct raw_block *b, size_t at, struct capture_record *out)
{
	size_t value = 0;
	uint16_t len = 0;
	int code;

	/* Broken options of a packet take nothing from the packet. */
	while ((code = raw_block_option(b, &at, &value, &len)) > OPT_END) {
		if (code == EPB_FLAGS && len == 4) {
			uint32_t way = raw_block_u32(b, value) & 3;

			out->way = way == 1   ? PACKET_IN
				   : way == 2 ? PACKET_OUT
					      : PACKET_WAY_UNKNOWN;
		} else if (code == EPB_DROPCOUNT && len == 8) {
			add_saturating(&x->between, raw_block_u64(b, value));
			r->drops_known = true;
		}
	}
}

static int take_packet(struct pcapng_records *r, const struct raw_block *b,
		       struct capture_record *out, struct err *e)
{
	bool obsolete = b->type == BLOCK_PACKET_OBSOLETE;
	uint32_t number, len;
	struct pcapng_source *x;
	size_t options;

	if (b->len < PACKET_DATA + TRAILER)
		return raw_block_err(e, b, "is too short for a packet");
	number = obsolete ? raw_block_u16(b, BODY) : raw_block_u32(b, BODY);
	len = raw_block_u32(b, 20);
	if (number >= r->n)
		return raw_block_err(e, b, "has a packet of an unknown interface");
	if (len > b->len - PACKET_DATA - TRAILER || len > CAPTURED_LEN_MAX)
		return raw_block_err(e, b, "has a packet that is longer than the block");
	x = &r->interfaces[number];
	*out = (struct capture_record){
	    .at = pcapng_time((uint64_t)raw_block_u32(b, 12) << 32 | raw_block_u32(b, 16),
			      x->resolution, x->offset),
	    .data = b->bytes + PACKET_DATA,
	    .captured_len = len,
	    .wire_len = raw_block_u32(b, 24),
	    .interface = r->first + number,
	    .link_type = x->link_type,
	    .leg = x->leg,
	    .offset = b->offset,
	};
	if (obsolete && raw_block_u16(b, BODY + 2) != UINT16_MAX)
		add_saturating(&x->between, raw_block_u16(b, BODY + 2));
	options = PACKET_DATA + (((size_t)len + 3) & ~(size_t)3);
	if (options < b->len - TRAILER)
		take_packet_options(r, x, b, options, out);
	return 1;
}

static int take_simple_packet(struct pcapng_records *r, const struct raw_block *b,
			      struct capture_record *out, struct err *e)
{
	uint32_t room;

	if (b->len < SIMPLE_DATA + TRAILER)
		return raw_block_err(e, b, "is too short for a packet");
	if (!r->n)
		return raw_block_err(e, b, "has a packet of an unknown interface");
	room = b->len - SIMPLE_DATA - TRAILER;
	if (r->interfaces[0].snaplen && room > r->interfaces[0].snaplen)
		room = r->interfaces[0].snaplen;
	*out = (struct capture_record){
	    .at = r->last_at,
	    .timeless = true,
	    .data = b->bytes + SIMPLE_DATA,
	    .wire_len = raw_block_u32(b, BODY),
	    .interface = r->first,
	    .link_type = r->interfaces[0].link_type,
	    .leg = r->interfaces[0].leg,
	    .offset = b->offset,
	};
	out->captured_len = out->wire_len < room ? out->wire_len : room;
	return 1;
}

/* Takes a block, whole in memory: 1 when it is a packet, -1 with *e. */
static int take_block(struct pcapng_records *r, const struct raw_block *b,
		      struct capture_record *out, struct err *e)
{
	switch (b->type) {
	case BLOCK_SECTION:
		return take_section(r, b, e);
	case BLOCK_INTERFACE:
		return take_interface(r, b, e);
	case BLOCK_STATISTICS:
		return take_statistics(r, b, e);
	case BLOCK_SIMPLE_PACKET:
		return take_simple_packet(r, b, out, e);
	default:
		return take_packet(r, b, out, e);
	}
}

static bool block_matters(uint32_t type)
{
	return type == BLOCK_PACKET || type == BLOCK_INTERFACE || type == BLOCK_STATISTICS ||
	       type == BLOCK_SECTION || type == BLOCK_SIMPLE_PACKET ||
	       type == BLOCK_PACKET_OBSOLETE;
}

/* Goes over a block that doesn't matter. */
static int skip_block(struct byte_source *s, struct raw_block *b, struct err *e)
{
	if (!byte_source_skip(s, b->len - TRAILER) ||
	    byte_source_peek(s, TRAILER, &b->bytes) < TRAILER)
		return err_breaks_off(e, s, "a block", b->offset);
	if (raw_block_u32(b, 0) != b->len)
		return raw_block_err(e, b, "has two lengths that differ");
	return byte_source_skip(s, TRAILER) ? 0 : err_breaks_off(e, s, "a block", b->offset);
}

static int read_block(struct pcapng_records *r, struct byte_source *s, struct raw_block *b,
		      struct capture_record *out, struct err *e)
{
	int rc;

	if (!block_matters(b->type))
		return skip_block(s, b, e);
	if (raw_block_whole(s, b, e) == -1)
		return -1;
	rc = take_block(r, b, out, e);
	/* The bytes stay where they are until the next look ahead. */
	if (rc != -1 && !byte_source_skip(s, b->len))
		return err_breaks_off(e, s, "a block", b->offset);
	return rc;
}

bool pcapng_records_begin(const uint8_t *start)
{
	return raw_block_u32(&(struct raw_block){.bytes = start}, 0) == BLOCK_SECTION;
}

int pcapng_records_next(struct pcapng_records *r, struct byte_source *s, struct capture_record *out,
			struct err *e)
{
	struct raw_block b;
	int rc;

	do {
		rc = raw_block_begin(&r->swapped, s, &b, e);
		if (rc <= 0)
			return rc;
		rc = read_block(r, s, &b, out, e);
	} while (rc == 0);
	if (rc == -1)
		return -1;
	if (out->wire_len < out->captured_len)
		out->wire_len = out->captured_len;
	r->last_at = out->at;
	return 1;
}

void pcapng_records_fini(struct pcapng_records *r)
{
	free(r->interfaces);
}
