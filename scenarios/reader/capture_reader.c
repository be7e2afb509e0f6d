/* capture_reader.c - a source of bytes, one of two formats, then the layers of each frame. */
#include "scenarios/reader/capture_reader.h"

#include "proxy/base/mem.h"
#include "scenarios/reader/byte_source.h"
#include "scenarios/reader/layer_walk.h"
#include "scenarios/reader/link_types.h"
#include "scenarios/reader/packet_copies.h"
#include "scenarios/reader/packet_pieces.h"
#include "scenarios/reader/pcap_records.h"
#include "scenarios/reader/pcapng_records.h"
#include "scenarios/reader/reorder_window.h"
#include "scenarios/reader/stamp_bounds.h"

#include <string.h>

#define MAGIC_BYTES 4

struct capture_reader {
	struct byte_source *source;
	bool is_pcapng;
	struct pcap_records pcap;
	struct pcapng_records pcapng;
	/* By leg: what comes by both of them is passed on, not seen twice. NULL: none came yet. */
	struct packet_copies *copies[CAPTURE_LEG_BOTH];
	struct packet_pieces *pieces[CAPTURE_LEG_BOTH];
	struct capture_counts counts;
	uint32_t frame; /* of the last record that was read from the file */
	bool given;	/* a packet was */
	int64_t last_at;
	struct reorder_window *window; /* NULL: the file has one interface so far */
	bool ended;		       /* the file, by the return value rc */
	int rc;
	struct err fault;
	struct stamp_bounds stamps;

	/* The link type of the packet before, looked up. */
	const struct link_type *link;
	uint16_t link_number;
};

static int open_format(struct capture_reader *r, struct err *e)
{
	const uint8_t *start;
	size_t there = byte_source_peek(r->source, MAGIC_BYTES, &start);

	if (there < MAGIC_BYTES && byte_source_fault(r->source))
		return err_set(e, "%s", byte_source_fault(r->source));
	if (there < MAGIC_BYTES)
		return err_set(
		    e, "it is no capture: it holds %zu byte%s; a pcap or pcapng file is read",
		    there, there == 1 ? "" : "s");
	r->is_pcapng = pcapng_records_begin(start);
	if (r->is_pcapng)
		return 0;
	if (!pcap_records_begin(start))
		return err_set(e,
			       "it is no capture: it begins with %02x %02x %02x %02x; "
			       "a pcap or pcapng file is read",
			       start[0], start[1], start[2], start[3]);
	if (pcap_records_open(&r->pcap, r->source, e) == -1)
		return -1;
	return link_type_find(r->pcap.link_type) ? 0 : link_type_refuse(r->pcap.link_type, e);
}

int capture_reader_open(const char *path, struct capture_reader **out, struct err *e)
{
	struct capture_reader *r = xcalloc(1, sizeof(*r));

	if (byte_source_open(path, &r->source, e) == -1 || open_format(r, e) == -1) {
		capture_reader_close(r);
		return err_wrap(e, "capture %s",
				strcmp(path, "-") == 0 ? "of standard input" : path);
	}
	*out = r;
	return 0;
}

static const struct link_type *find_link(struct capture_reader *r, uint16_t number)
{
	if (!r->given || number != r->link_number) {
		r->link = link_type_find(number);
		r->link_number = number;
	}
	return r->link;
}

static void count_record(struct capture_reader *r, const struct capture_record *record)
{
	struct capture_counts *n = &r->counts;
	int64_t step = r->last_at - record->at;

	if (n->packets++ && step > 0) {
		n->back++;
		n->back_step = step > n->back_step ? step : n->back_step;
	}
	r->last_at = record->at;
	if (record->captured_len < record->wire_len) {
		n->cut++;
		n->cut_at = record->captured_len > n->cut_at ? record->captured_len : n->cut_at;
	}
	n->timeless += record->timeless;
	if (record->interface >= n->interfaces)
		n->interfaces = record->interface + 1;
}

static void count_layers(struct capture_counts *n, const struct layers *l)
{
	n->without_ip += !l->ip;
	n->fragments += l->fragments;
	n->too_deep += l->too_deep;
	n->wraps |= l->wraps;
}

/* Returns whether the packet is a copy of one that the same leg, or no leg, has shown. */
static bool is_copy(struct capture_reader *r, enum capture_leg leg, const struct layers *l,
		    int64_t at, int64_t *lag)
{
	if (!r->copies[leg]) {
		r->copies[leg] = packet_copies_new();
		r->pieces[leg] = packet_pieces_new();
	}
	if (packet_pieces_shown(r->pieces[leg], l, at, lag) ||
	    packet_copies_take(r->copies[leg], l, at, lag))
		return true;
	packet_pieces_note(r->pieces[leg], l, at);
	return false;
}

/* Takes a frame's layers off, and marks a copy. */
static void open_frame(struct capture_reader *r, const struct capture_record *record,
		       struct capture_packet *p)
{
	const struct link_type *link = find_link(r, record->link_type);
	struct layers l = {
	    .at = record->data,
	    .len = record->captured_len,
	    .wire = record->wire_len,
	    .place = record->interface,
	    .way = record->way,
	};
	int64_t lag;

	if (!link) {
		if (!r->counts.unknown_link++)
			r->counts.unknown_link_type = record->link_type;
		return;
	}
	layers_mix_place(&l, record->way);
	layer_walk(&l, link_type_step(link, &l));
	count_layers(&r->counts, &l);
	p->ip = l.ip;
	p->ip_len = l.ip_len;
	p->ip_wire = l.ip_wire;
	p->protocol = l.protocol;
	p->fragment = l.fragment;
	p->wraps = l.wraps;
	p->way = record->way ? record->way : l.way;
	p->copy = is_copy(r, record->leg, &l, record->at, &lag);
	if (!p->copy)
		return;
	r->counts.copies++;
	if (lag > r->counts.copy_lag)
		r->counts.copy_lag = lag;
}

static int read_record(struct capture_reader *r, struct capture_record *record, struct err *e)
{
	return r->is_pcapng ? pcapng_records_next(&r->pcapng, r->source, record, e)
			    : pcap_records_next(&r->pcap, r->source, record, e);
}

/* Reads the next record of the file; its time is bounded. Returns as capture_reader_next. */
static int read_bounded(struct capture_reader *r, struct capture_record *record, struct err *e)
{
	int rc = read_record(r, record, e);

	if (rc == -1)
		return err_wrap(e, "after frame %u", r->frame);
	if (rc == 0)
		return 0;
	record->at = stamp_bounds_take(&r->stamps, record->at, ++r->frame);
	if (r->is_pcapng && r->pcapng.n > 1 && !r->window)
		r->window = reorder_window_new();
	return 1;
}

/* Reads the next record in order of time, and its number. Returns as capture_reader_next. */
static int read_in_order(struct capture_reader *r, struct capture_record *record, uint32_t *frame,
			 struct err *e)
{
	while (!r->ended) {
		if (r->window && reorder_window_take(r->window, false, record, frame))
			return 1;
		r->rc = read_bounded(r, record, &r->fault);
		r->ended = r->rc <= 0;
		*frame = r->frame;
		if (!r->ended && !r->window)
			return 1;
		if (!r->ended)
			reorder_window_put(r->window, record, r->pcapng.first, r->frame);
	}
	if (r->window && reorder_window_take(r->window, true, record, frame))
		return 1;
	*e = r->fault;
	return r->rc;
}

int capture_reader_next(struct capture_reader *r, struct capture_packet *p, struct err *e)
{
	struct capture_record record;
	uint32_t frame;
	int rc = read_in_order(r, &record, &frame, e);

	if (rc == 0 && r->given && r->counts.unknown_link == r->counts.packets)
		return link_type_refuse(r->counts.unknown_link_type, e);
	if (rc != 1)
		return rc;
	count_record(r, &record);
	*p = (struct capture_packet){
	    .at = record.at,
	    .frame = frame,
	    .timeless = record.timeless,
	    .interface = record.interface,
	    .link_type = record.link_type,
	    .leg = record.leg,
	    .legs = r->pcapng.legs,
	    .captured_len = record.captured_len,
	    .wire_len = record.wire_len,
	    .offset = record.offset,
	};
	open_frame(r, &record, p);
	r->given = true;
	return 1;
}

int capture_reader_legs(const char *path, uint8_t *legs, struct err *e)
{
	struct capture_reader *r;
	struct capture_packet p;
	struct err none;
	int rc;

	if (capture_reader_open(path, &r, e) == -1)
		return -1;
	rc = capture_reader_next(r, &p, &none);
	*legs = rc == 1 ? p.legs : CAPTURE_LEG_NONE;
	capture_reader_close(r);
	return 0;
}

void capture_reader_counts(const struct capture_reader *r, struct capture_counts *out)
{
	*out = r->counts;
	out->dropped = pcapng_records_dropped(&r->pcapng);
	out->drops_known = r->pcapng.drops_known;
	out->until = r->stamps.jumps ? 0 : r->pcapng.until;
	if (r->window)
		out->late = reorder_window_late(r->window, &out->lag);
	out->legs = r->pcapng.legs;
	out->jumps = r->stamps.jumps;
	out->jump_frame = r->stamps.jump_frame;
}

void capture_reader_progress(const struct capture_reader *r, uint64_t *done, uint64_t *size)
{
	byte_source_progress(r->source, done, size);
}

void capture_reader_close(struct capture_reader *r)
{
	if (!r)
		return;
	byte_source_close(r->source);
	pcapng_records_fini(&r->pcapng);
	reorder_window_free(r->window);
	for (int leg = CAPTURE_LEG_NONE; leg < CAPTURE_LEG_BOTH; leg++) {
		packet_copies_free(r->copies[leg]);
		packet_pieces_free(r->pieces[leg]);
	}
	free(r);
}
