/* segments.c - the order matters: faults of the capture, handshake, acknowledgement, then data, as
 * each leans on what was known before the segment. */
#include "scenarios/analysis/segments.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/analysis/ack_gaps.h"
#include "scenarios/analysis/capture_fault.h"
#include "scenarios/analysis/delayed_ack_stall.h"
#include "scenarios/analysis/endings.h"
#include "scenarios/analysis/exchanges.h"
#include "scenarios/analysis/pauses.h"
#include "scenarios/analysis/resends.h"

/* Wireshark's test of a late segment against a retransmission: by the round trip of the handshake,
 * or REORDER_DEFAULT where the capture doesn't show it; a fast retransmission by its distance to
 * the duplicate ACKs. */
#define REORDER_DEFAULT	    (3 * NS_PER_MS)
#define FAST_RETRANSMISSION (20 * NS_PER_MS)

#define DUP_ACKS_FAST 3 /* RFC 5681 3.2 */

/* A time that no packet is under way (the maximum segment lifetime, RFC 9293 3.4.2): no sample. */
#define RTT_MAX (120 * NS_PER_S)

static bool has_flags(const struct segment *s, unsigned flags)
{
	return s->v->flags & flags;
}

static void note_rtt(struct half *x, int64_t rtt)
{
	if (rtt > 0 && rtt < RTT_MAX && (!x->min_rtt || rtt < x->min_rtt))
		x->min_rtt = rtt;
}

static void note_handshake_rtt(struct half *x, int64_t rtt)
{
	if (rtt > 0 && rtt < RTT_MAX)
		x->handshake_rtt = rtt;
	note_rtt(x, rtt);
}

static void note_handshake(struct connection *c, const struct segment *s)
{
	struct wire_connection *w = &c->wire;

	if (has_flags(s, TCP_SYN) && !has_flags(s, TCP_ACK)) {
		if (!w->syn)
			w->syn = s->at;
	} else if (has_flags(s, TCP_SYN)) {
		if (w->syn_ack)
			return;
		w->syn_ack = s->at;
		if (w->syn && w->syns[DIR_UPSTREAM] == 1)
			note_handshake_rtt(&c->half[DIR_UPSTREAM], s->at - w->syn);
	} else if (s->dir == DIR_UPSTREAM && has_flags(s, TCP_ACK) && w->syn_ack &&
		   !w->handshake_ack && seq_diff(s->v->ack, c->isn[DIR_DOWNSTREAM]) > 0) {
		w->handshake_ack = s->at;
		if (w->syns[DIR_DOWNSTREAM] == 1)
			note_handshake_rtt(&c->half[DIR_DOWNSTREAM], s->at - w->syn_ack);
	}
}

/* Counts flags and windows, and takes what a SYN announces. */
static void count_flags(struct connection *c, const struct segment *s)
{
	struct wire_connection *w = &c->wire;
	struct half *x = &c->half[s->dir];

	w->syns[s->dir] += has_flags(s, TCP_SYN);
	w->fins[s->dir] += has_flags(s, TCP_FIN);
	w->resets[s->dir] += has_flags(s, TCP_RST);
	c->saw_fin = c->saw_fin || has_flags(s, TCP_FIN);
	c->saw_rst = c->saw_rst || has_flags(s, TCP_RST);
	if (!s->v->window && !has_flags(s, TCP_SYN | TCP_FIN | TCP_RST))
		w->zero_windows[s->dir]++;
	if (!has_flags(s, TCP_SYN) || has_flags(s, TCP_RST))
		return;
	c->options_cut = c->options_cut || !s->v->payload;
	x->mss = s->v->mss;
	x->wscale = s->v->wscale > 14 ? 14 : s->v->wscale; /* RFC 7323 2.3 */
	if (s->dir == DIR_UPSTREAM && x->wscale > 0)
		w->scale_offer = x->wscale;
	if (c->syn_known[s->dir] && c->isn[s->dir] != s->v->seq && !w->data_segments[s->dir]) {
		/* A listener that forgot the first SYN answers the second with another number. */
		seq_space_fini(&x->seq);
		sendings_fini(&x->sendings);
		seq_space_start(&x->seq, s->v->seq);
		x->una_known = false;
	}
	c->syn_known[s->dir] = true;
	c->isn[s->dir] = s->v->seq;
}

/* Places the segment in its sequence space. false: it can't belong there. */
static bool locate_segment(struct connection *c, struct segment *s)
{
	struct half *x = &c->half[s->dir], *y = &c->half[dir_reverse(s->dir)];
	bool bare = !has_flags(s, TCP_SYN | TCP_FIN);

	if (!x->seq.known)
		seq_space_start(&x->seq, s->v->seq);
	s->seq = seq_unwrap(&x->seq, s->v->seq);
	if (s->seq > x->seq.next + SEQ_WINDOW_MAX) {
		connection_mark_unreliable(c, "a sequence number lies beyond any window");
		return false;
	}
	s->keepalive = bare && s->v->payload_len <= 1 && s->seq + 1 == x->seq.next;
	s->probe = bare && s->v->payload_len == 1 && s->seq == x->seq.next && y->window_known &&
		   !y->window;
	if (s->seq > x->seq.next) {
		/* The bytes before were sent, even if this is a pure ACK that overtook them. */
		x->seq.next = s->seq;
		x->next_at = s->at;
	}
	return true;
}

/* True when the segment repeats the last acknowledgement and nothing else (Wireshark's definition).
 */
static bool is_duplicate_ack(const struct connection *c, const struct segment *s)
{
	const struct half *x = &c->half[s->dir], *y = &c->half[dir_reverse(s->dir)];
	bool same_window = x->window_known && s->v->window == x->window;

	if (!tcp_is_pure_ack(s->v) || s->seq != x->seq.next || !s->v->window)
		return false;
	if (same_window)
		return !y->keepalive; /* the repetition answers a keep-alive */
	return s->v->sack_blocks > 0;
}

static void advance_ack(struct connection *c, const struct segment *s, uint64_t ack)
{
	enum dir data_dir = dir_reverse(s->dir);
	struct half *y = &c->half[data_dir];
	const struct sent_data *oldest = y->nflight ? &y->flight[y->flight_head] : NULL;
	uint64_t bytes = oldest ? oldest->end - oldest->start : 0;
	size_t flight = y->nflight;
	struct ack_gap *gap;

	if (y->probed && ack == y->seq.next + 1) {
		/* The probe's byte was taken: it is data after all. */
		seq_space_add(&y->seq, y->seq.next, ack);
		c->wire.data_bytes[data_dir]++;
		exchange_take_data(c, data_dir, s->at, 1);
	}
	y->probed = false;
	if (capture_fault_check_ack(c, data_dir, ack) && data_dir == DIR_DOWNSTREAM)
		ending_lose_response(c);
	ending_take_ack(c, data_dir, ack, s->at);
	gap = ack_gap_take_ack(c, data_dir, ack, tcp_is_pure_ack(s->v) && !s->keepalive, s->at,
			       s->frame);
	y->una = ack;
	y->una_known = true;
	y->dup_acks = 0;
	if (!c->keeps_lists)
		sendings_forget(&y->sendings, ack);
	if (!gap)
		return;
	if (!gap->resent)
		note_rtt(y, gap->gap);
	delayed_ack_stall_take_ack(c, gap, flight, bytes);
}

static void take_ack(struct connection *c, struct segment *s)
{
	struct half *y = &c->half[dir_reverse(s->dir)];
	uint64_t ack;

	if (!y->seq.known)
		seq_space_start(&y->seq, s->v->ack);
	ack = seq_unwrap(&y->seq, s->v->ack);
	if (ack > y->seq.next + SEQ_WINDOW_MAX) {
		connection_mark_unreliable(c, "an acknowledgement lies beyond any window");
	} else if (!y->una_known || ack > y->una) {
		s->acked = y->una_known ? ack - y->una : 0;
		advance_ack(c, s, ack);
	} else if (ack == y->una && is_duplicate_ack(c, s)) {
		s->duplicate_ack = true;
		c->wire.duplicate_acks[s->dir]++;
		y->dup_acks++;
		y->dup_ack_at = s->at;
	}
}

/* True when a segment that fills a hole is late, not sent again. */
static bool is_out_of_order(const struct connection *c, const struct segment *s)
{
	const struct wire_connection *w = &c->wire;
	const struct half *x = &c->half[s->dir];
	int64_t limit = REORDER_DEFAULT;

	if (x->dup_acks >= 2 && s->seq == x->una && s->at - x->dup_ack_at < FAST_RETRANSMISSION)
		return false;
	if (w->syn && w->handshake_ack > w->syn)
		limit = w->handshake_ack - w->syn;
	return s->at - x->next_at < limit;
}

/* Notes how much of the server's data is under way, and what its client has room for. */
static void note_flight(struct connection *c, int64_t at)
{
	struct wire_connection *w = &c->wire;
	const struct half *x = &c->half[DIR_DOWNSTREAM], *client = &c->half[DIR_UPSTREAM];

	if (!x->una_known || !client->window_known)
		return;
	if (!c->keeps_lists)
		return;
	if (w->nflights == c->flight_room) {
		c->flight_room = c->flight_room ? c->flight_room * 2 : 8;
		w->flights = xrealloc(w->flights, c->flight_room, sizeof(*w->flights));
	}
	w->flights[w->nflights++] = (struct wire_flight){
	    .at = at,
	    .bytes = x->seq.next - x->una,
	    .window = connection_window(c, DIR_DOWNSTREAM),
	    .field = client->window,
	};
}

/* Counts payload, SYN and FIN: all that takes sequence space. */
static void take_data(struct connection *c, struct segment *s)
{
	struct wire_connection *w = &c->wire;
	struct half *x = &c->half[s->dir];
	uint64_t next = x->seq.next, start = s->seq + has_flags(s, TCP_SYN);
	uint64_t end = start + s->v->payload_len, bytes, control = 0;
	bool in_order = s->seq >= next;

	if (has_flags(s, TCP_SYN))
		control = seq_space_add(&x->seq, s->seq, start);
	bytes = seq_space_add(&x->seq, start, end);
	if (has_flags(s, TCP_FIN)) {
		control += seq_space_add(&x->seq, end, end + 1);
		c->fin_end[s->dir] = end + 1;
	}
	if (x->seq.overflow)
		connection_mark_unreliable(c, "more holes than loss can explain");
	if (!in_order) {
		s->late = bytes + control == tcp_seq_len(s->v) && is_out_of_order(c, s);
		s->again = !s->late;
		w->out_of_order[s->dir] += s->late;
		w->retransmissions[s->dir] += s->again;
		w->fast_retransmissions[s->dir] += s->again && x->dup_acks >= DUP_ACKS_FAST;
		delayed_ack_stall_take_resend(c, s->dir, s->frame);
	}
	resend_take_segment(c, s->dir, s->seq, s->seq + tcp_seq_len(s->v), s->at,
			    in_order  ? SENT_NEW
			    : s->late ? SENT_LATE
				      : SENT_AGAIN);
	if (x->seq.next > next)
		x->next_at = s->at;
	if (!s->v->payload_len)
		return;
	w->data_segments[s->dir]++;
	w->data_bytes[s->dir] += bytes;
	if (s->v->payload_len > x->largest)
		x->largest = s->v->payload_len;
	if (s->dir == DIR_DOWNSTREAM)
		ending_take_response(c, s->v, s->captured, start, bytes > 0);
	s->fresh = bytes;
	if (!bytes)
		return;
	if (s->dir == DIR_UPSTREAM)
		ending_take_request(c, s->v, s->captured, end);
	exchange_take_data(c, s->dir, s->at, bytes);
	s->freed = delayed_ack_stall_take_data(c, s->dir, s->v->payload_len, s->at);
	if (in_order && s->dir == DIR_DOWNSTREAM)
		note_flight(c, s->at);
	if (in_order)
		ack_gap_take_data(c, s->dir, start, end, s->at, s->frame);
}

void segment_take(struct connection *c, struct segment *s)
{
	const struct tcp_view *v = s->v;
	struct half *x = &c->half[s->dir];

	if (s->captured > v->payload_len)
		s->captured = v->payload_len;
	s->copy = capture_fault_check_frame(c, s->dir, v, s->at);
	if (!c->wire.first)
		c->wire.first = s->at;
	if (s->at > c->wire.last)
		c->wire.last = s->at;
	c->wire.packets[s->dir]++;
	if (s->copy)
		return;
	pause_take_segment(c, s->dir, tcp_seq_len(v) > 0, s->at);
	ending_take_segment(c, s->dir, v, s->at);
	count_flags(c, s);
	if (has_flags(s, TCP_RST))
		return;
	s->out_of_place = !locate_segment(c, s);
	if (s->out_of_place)
		return;
	note_handshake(c, s);
	if (tcp_is_pure_ack(v) && !s->keepalive)
		c->wire.pure_acks[s->dir]++;
	if (has_flags(s, TCP_ACK))
		take_ack(c, s);
	if (s->probe)
		x->probed = true;
	else if (!s->keepalive && tcp_seq_len(v))
		take_data(c, s);
	if (has_flags(s, TCP_FIN))
		ending_take_fin_or_rst(c, s->dir, v, s->at);
	s->window_changed = x->window_known && x->window != v->window;
	x->keepalive = s->keepalive;
	x->window = v->window;
	x->window_known = true;
	x->window_of_syn = has_flags(s, TCP_SYN);
}
