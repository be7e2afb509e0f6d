/* delayed_ack.c - holds pure ACKs as a receiver with a delayed-ACK timer would: the timer runs from
 * the first segment covered, every Nth segment is acknowledged at once. */
#include "impairments/impairment.h"
#include "impairments/packet/parts/tcp_window.h"

#include "proxy/base/ring.h"

#include <jansson.h>

enum count_kind { COUNT_SEGMENTS, COUNT_FULL_SIZED };

struct delayed_ack {
	int64_t timer;
	uint64_t every;
	int count;
};

static const char *const count_names[] = {"segments", "full_sized", NULL};

static const struct param params[] = {
    P_DURATION("timer", struct delayed_ack, timer, .def = "200ms", .min = "1us", .max = "10s",
	       .help = "how long an acknowledgement waits after the first segment it covers "
		       "(Windows: 200 ms, KB 328890)"),
    P_COUNT("every", struct delayed_ack, every, .def = "2", .min = "1", .max = "255",
	    .help = "acknowledge at once when so many data segments are unacknowledged; 1 is "
		    "every segment at once, Windows' TcpAckFrequency 1 (KB 328890)"),
    P_ENUM("count", struct delayed_ack, count, count_names, .def = "segments",
	   .help = "what counts for every: data segments of any size, as Windows counts, or "
		   "full-sized ones only (RFC 5681 section 4.2)"),
    P_END,
};

/* A data segment that no ACK that went on has covered yet. */
struct segment {
	uint32_t seq, end;
	int64_t arrived;
	bool full_sized;
};

struct state {
	struct ring segments;
	uint32_t next;	  /* highest data sequence number seen + 1 */
	bool next_seen;	  /* next is known */
	uint32_t inside;  /* end of the last segment in segments */
	bool fin;	  /* the data has ended: the ACK of its last segments can't wait */
	uint32_t longest; /* longest payload: stands for the MSS where no option was seen */
	bool acked_seen;
	uint32_t acked;	 /* highest acknowledgement number that went on */
	uint32_t edge;	 /* right edge of the last window that went on */
	uint32_t widest; /* the largest window that went on */
	struct pkt *held;
	int64_t held_since;
};

static struct segment *segment_at(struct state *s, size_t i)
{
	return ring_at(&s->segments, i, sizeof(struct segment));
}

/* Returns how many segments that count the number ack covers; *first_arrived is when the first of
 * all segments that it covers came, or INT64_MAX. */
static uint64_t count_covered(struct state *s, const struct delayed_ack *cfg, uint32_t ack,
			      int64_t *first_arrived)
{
	uint64_t n = 0;

	*first_arrived = INT64_MAX;
	for (size_t i = 0; i < s->segments.n && seq_diff(ack, segment_at(s, i)->seq) > 0; i++) {
		const struct segment *seg = segment_at(s, i);

		if (*first_arrived == INT64_MAX)
			*first_arrived = seg->arrived;
		n += cfg->count == COUNT_SEGMENTS || seg->full_sized;
	}
	return n;
}

/* Returns the right edge of the window that a segment of the data's receiver advertises, right only
 * where the scale is known. The window of a SYN is never shifted (RFC 7323 section 2.2). */
static uint32_t right_edge(const struct pkt_stage *st, const struct tcp_view *v)
{
	int shift = tcp_window_shift(st->conn, dir_reverse(st->dir));

	return v->ack + ((uint32_t)v->window << (shift > 0 && !(v->flags & TCP_SYN) ? shift : 0));
}

static void track_sent_ack(struct pkt_stage *st, const struct tcp_view *v)
{
	struct state *s = pkt_stage_state(st);
	uint32_t edge = right_edge(st, v);

	if (edge - v->ack > s->widest)
		s->widest = edge - v->ack;
	if (!s->acked_seen || seq_diff(v->ack, s->acked) >= 0)
		s->edge = edge;
	if (s->acked_seen && seq_diff(v->ack, s->acked) <= 0)
		return;
	s->acked = v->ack;
	s->acked_seen = true;
	while (s->segments.n && seq_diff(v->ack, segment_at(s, 0)->end) >= 0)
		ring_drop(&s->segments, 1);
}

static void journal_ack(struct pkt_stage *st, const char *event, const struct pkt *p,
			const char *reason)
{
	const struct state *s = pkt_stage_state(st);

	pkt_stage_event(st, event, "s:I, s:f, s:s", "ack", (json_int_t)p->tcp.ack, "held",
			clock_seconds(pkt_stage_now(st) - s->held_since), "reason", reason);
}

/* Takes the held ACK out of the state; the caller gives the verdict. */
static struct pkt *take_held(struct pkt_stage *st)
{
	struct state *s = pkt_stage_state(st);
	struct pkt *p = s->held;

	s->held = NULL;
	pkt_stage_disarm(st);
	return p;
}

static void release_held(struct pkt_stage *st, const char *reason)
{
	struct state *s = pkt_stage_state(st);

	if (!s->held)
		return;
	journal_ack(st, "ack_released", s->held, reason);
	track_sent_ack(st, &s->held->tcp);
	pkt_release(st, take_held(st));
}

static void drop_held(struct pkt_stage *st, const char *reason)
{
	struct state *s = pkt_stage_state(st);

	journal_ack(st, "ack_dropped", s->held, reason);
	pkt_drop(st, take_held(st));
}

/* Lets a packet of the receiver pass at once and drops a held ACK that acknowledges no more. */
static enum pkt_action pass_at_once(struct pkt_stage *st, const struct tcp_view *v,
				    const char *reason)
{
	struct state *s = pkt_stage_state(st);

	if (!(v->flags & TCP_ACK))
		return PKT_PASS;
	track_sent_ack(st, v);
	if (s->held && seq_diff(v->ack, s->held->tcp.ack) >= 0)
		drop_held(st, reason);
	return PKT_PASS;
}

/* Returns 0 when no SYN of this connection was seen, or none had the option. */
static uint32_t get_mss(const struct pkt_stage *st)
{
	const struct pkt_half *half = st->conn->half;
	uint32_t mss = half[st->dir].mss, other = half[dir_reverse(st->dir)].mss;

	return other && (!mss || other < mss) ? other : mss;
}

static bool is_full_sized(const struct pkt_stage *st, const struct state *s,
			  const struct tcp_view *v)
{
	uint32_t mss = get_mss(st);

	/* Within the MSS a segment's options count as its data (RFC 6691). */
	return mss ? v->payload_len + (uint32_t)(v->tcp[12] >> 4) * 4 - 20 >= mss
		   : v->payload_len >= s->longest;
}

/* Tracks a packet of the data's sender. Data that is sent again is no new segment: its receiver
 * answers at once with a duplicate ACK, which passes. */
static enum pkt_action track_data(struct pkt_stage *st, const struct pkt *p)
{
	struct state *s = pkt_stage_state(st);
	const struct tcp_view *v = &p->tcp;
	uint32_t begin = v->seq + !!(v->flags & TCP_SYN), end = begin + v->payload_len;

	if (v->flags & TCP_RST)
		release_held(st, "rst");
	if (v->flags & TCP_FIN) {
		release_held(st, "fin");
		s->fin = true;
	}
	if (!v->payload_len || (s->next_seen && seq_diff(end, s->next) <= 0))
		return PKT_PASS;
	if (v->payload_len > s->longest)
		s->longest = v->payload_len;
	s->next = end;
	s->next_seen = true;
	if (st->outside)
		return PKT_PASS;
	s->inside = end;
	*(struct segment *)ring_add(&s->segments, sizeof(struct segment)) = (struct segment){
	    .seq = begin, .end = end, .arrived = p->arrived, .full_sized = is_full_sized(st, s, v)};
	return PKT_PASS;
}

/* Returns whether an ACK covers no segment that waits for one: a duplicate, a window update, the
 * answer to a keep-alive, a handshake's third segment; or repeats the held ACK field by field,
 * which is how a receiver answers a segment out of order. */
static bool says_nothing_new(const struct state *s, const struct tcp_view *v, int64_t first_arrived)
{
	if (first_arrived == INT64_MAX || (s->acked_seen && seq_diff(v->ack, s->acked) <= 0))
		return true;
	return s->held && (seq_diff(v->ack, s->held->tcp.ack) < 0 ||
			   (v->ack == s->held->tcp.ack && v->window == s->held->tcp.window));
}

/* Returns whether an ACK reopens the window: so little was left that the sender had to stop, and
 * now there is room again. A receiver that has read sends such an update at once (RFC 9293 section
 * 3.8.6.2.2), whatever else it acknowledges. A sender goes on with room for a full-sized segment,
 * or with half of the largest window it has seen (section 3.8.6.2.1), since loopback's segments are
 * as large as its windows. */
static bool reopens_window(struct pkt_stage *st, const struct tcp_view *v)
{
	const struct state *s = pkt_stage_state(st);
	int64_t enough = get_mss(st);

	if (!enough || tcp_window_shift(st->conn, dir_reverse(st->dir)) == -1)
		return false;
	if (enough > s->widest / 2)
		enough = s->widest / 2;
	return s->acked_seen && s->next_seen && seq_diff(s->edge, s->next) < enough &&
	       seq_diff(right_edge(st, v), s->next) >= enough;
}

static enum pkt_action hold_ack(struct pkt_stage *st, struct pkt *p, int64_t due)
{
	struct state *s = pkt_stage_state(st);

	if (s->held)
		drop_held(st, "replaced");
	s->held = p;
	s->held_since = p->arrived;
	pkt_stage_arm(st, due);
	pkt_stage_event(st, "ack_held", "s:I, s:f", "ack", (json_int_t)p->tcp.ack, "for",
			clock_seconds(due - p->arrived));
	return PKT_HELD;
}

/* Decides on a packet of the data's receiver. */
static enum pkt_action judge_ack(struct pkt_stage *st, struct pkt *p)
{
	struct state *s = pkt_stage_state(st);
	const struct delayed_ack *cfg = st->cfg;
	const struct tcp_view *v = &p->tcp;
	int64_t first;
	uint64_t n;

	if (v->flags & TCP_RST) {
		release_held(st, "rst");
		return PKT_PASS;
	}
	if (v->flags & TCP_FIN) {
		pass_at_once(st, v, "fin");
		release_held(st, "fin"); /* one that acknowledges more than the FIN does */
		return PKT_PASS;
	}
	if (!tcp_is_pure_ack(v))
		return pass_at_once(st, v, "piggyback");
	n = count_covered(s, cfg, v->ack, &first);
	if (v->sack_blocks)
		return pass_at_once(st, v, "sack");
	if (says_nothing_new(s, v, first))
		return pass_at_once(st, v, "duplicate");
	if (st->outside && seq_diff(v->ack, s->inside) > 0)
		return pass_at_once(st, v, "window closed");
	if (s->fin)
		return pass_at_once(st, v, "fin");
	if (reopens_window(st, v))
		return pass_at_once(st, v, "window");
	if (n >= cfg->every)
		return pass_at_once(st, v, "count");
	if (first + cfg->timer <= pkt_stage_now(st))
		return pass_at_once(st, v, "timer");
	return hold_ack(st, p, first + cfg->timer);
}

static enum pkt_action delayed_ack_packet(struct pkt_stage *st, struct pkt *p)
{
	return p->dir == st->dir ? track_data(st, p) : judge_ack(st, p);
}

static void delayed_ack_timer(struct pkt_stage *st, int64_t now)
{
	(void)now;
	release_held(st, "timer");
}

/* Decides anew on a held ACK: by the new count, and by the new timer from the same segment. */
static void delayed_ack_update(struct pkt_stage *st)
{
	struct state *s = pkt_stage_state(st);
	const struct delayed_ack *cfg = st->cfg;
	int64_t first;

	if (!s->held)
		return;
	if (count_covered(s, cfg, s->held->tcp.ack, &first) >= cfg->every)
		release_held(st, "count");
	else
		pkt_stage_arm(st, first + cfg->timer);
}

static void delayed_ack_drain(struct pkt_stage *st)
{
	struct state *s = pkt_stage_state(st);

	release_held(st, "drained");
	ring_drop(&s->segments, s->segments.n);
	s->next_seen = s->acked_seen = false;
}

static void delayed_ack_close(struct pkt_stage *st)
{
	struct state *s = pkt_stage_state(st);

	ring_fini(&s->segments);
}

/* The ACK of a segment that came in the window comes behind it. */
static bool delayed_ack_awaits(const struct pkt_stage *st)
{
	return ((const struct state *)(const void *)st->state)->segments.n;
}

static const struct pkt_ops ops = {
    .state_size = sizeof(struct state),
    .headers_only = true,
    .speaks_in = pkt_as_receiver,
    .open = pkt_default_open,
    .packet = delayed_ack_packet,
    .timer = delayed_ack_timer,
    .update = delayed_ack_update,
    .drain = delayed_ack_drain,
    .lingers = true,
    .awaits = delayed_ack_awaits,
    .close = delayed_ack_close,
};

static int64_t delayed_ack_hold(const void *cfg)
{
	return ((const struct delayed_ack *)cfg)->timer;
}

const struct impairment delayed_ack_impairment = {
    .name = "delayed_ack",
    .summary = "acknowledges data late, as a receiver with a delayed-ACK timer does",
    .impersonates = "the host that receives the data, and delays its acknowledgements by its own "
		    "timer: a held ACK leaves with the time stamp of the moment at which it "
		    "leaves, and one that is merged leaves no hole in that host's IP IDs",
    .doc = "Holds the pure ACKs that travel against the data of the given direction, so that "
	   "the sender of that data sees them as late as a receiver with this timer would send "
	   "them. The data itself is not touched. Linux alone can't show it: its own timer "
	   "starts at 40 ms and can't be raised.\n\n"
	   "A pure ACK waits until the timer has passed since the first segment it covers, or "
	   "until so many segments as every says are covered. Duplicate ACKs, SACK blocks, "
	   "window updates and answers to keep-alives pass at once (RFC 5681 section 4.2). So "
	   "does an ACK that reopens a window, though it acknowledges new data as well: when "
	   "less than one full-sized segment (the MSS, or half of the largest window if that is "
	   "smaller) was left of the window last sent on, and it leaves at least one. A receiver "
	   "that has read tells so at once (RFC 1122 section "
	   "4.2.3.3, RFC 9293 section 3.8.6.2.2); held, it would stop the sender for each window "
	   "that it fills. That can be judged only where both SYNs were seen; an ACK that merely "
	   "has another window waits like any other. At "
	   "most one ACK is held per connection: a newer one replaces it and keeps its timer; "
	   "data, a FIN or anything else of the same side that acknowledges as much takes its "
	   "place. A FIN or RST lets it go at once.\n\n"
	   "Where wedge ends the connection it holds, unless leg says otherwise, its own ACKs to "
	   "the sender of the data. On the other leg (leg=client for downstream data; in wedge "
	   "exec by itself) it holds those of the receiver, and lets the sender wait for them: "
	   "wedge acknowledges the sender's bytes when the receiver's ACK has passed, or after 25 "
	   "ms and then reads on when it has. Sessions that are open when such an instance is "
	   "added by a changed configuration aren't made to wait.\n\n"
	   "The receiver itself should acknowledge at once (in wedge's lab it does, by the "
	   "route attribute quickack), or its own delay comes first. When it is changed, what "
	   "is held is judged anew; when it is disabled or removed, what is held goes on at "
	   "once. Nothing is lost: a dropped ACK is one that a later packet has made "
	   "superfluous.",
    .params = params,
    .cfg_size = sizeof(struct delayed_ack),
    .packet = &ops,
    .default_leg = IMPAIR_LEG_RECEIVING,
    .ack_hold = delayed_ack_hold,
    .example = "delayed_ack{direction=downstream,timer=200ms,every=2}",
};
