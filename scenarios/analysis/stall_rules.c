/* stall_rules.c - the rules of docs/rules.md that look at one segment after another: R0, the
 * capture is faulty, and R4, the delayed-ACK stall with its liberation test. */
#include "scenarios/analysis/stall_rules.h"

#include "proxy/base/clock.h"

/* R0 */
#define TIME_BACK_MAX (1 * NS_PER_MS) /* less is the disorder of several capture queues */
#define COPY_WITHIN   (1 * NS_PER_MS)

/* R4 */
#define STALL_MIN      (20 * NS_PER_MS)
#define HOLD_MAX       (500 * NS_PER_MS) /* RFC 1122 4.2.3.2: an ACK must be delayed by less */
#define LIBERATION_MIN (2 * NS_PER_MS)
#define DEFAULT_MSS    536 /* RFC 9293 3.7.1: without the option */

static uint16_t ip_id(const struct tcp_view *v)
{
	if (v->version != 4)
		return 0;
	return (uint16_t)(v->ip[4] << 8 | v->ip[5]);
}

bool capture_fault_frame(struct connection *c, enum dir dir, const struct tcp_view *v, int64_t at)
{
	struct frame_print *last = &c->half[dir].print;
	struct frame_print p = {
	    .at = at,
	    .seq = v->seq,
	    .ack = v->ack,
	    .payload_len = v->payload_len,
	    .ip_id = ip_id(v),
	    .flags = v->flags,
	};
	bool copy = p.ip_id && p.ip_id == last->ip_id && p.seq == last->seq && p.ack == last->ack &&
		    p.payload_len == last->payload_len && p.flags == last->flags &&
		    at - last->at <= COPY_WITHIN;

	if (at < c->wire.last - TIME_BACK_MAX)
		connection_mark_unreliable(c, "time goes back");
	if (copy)
		connection_mark_unreliable(c, "frames were captured twice");
	*last = p;
	return copy;
}

void capture_fault_ack(struct connection *c, enum dir dir, uint64_t ack)
{
	struct half *x = &c->half[dir];
	bool beyond = ack > x->seq.next;

	if (!seq_space_skip(&x->seq, ack))
		return;
	connection_mark_unreliable(
	    c, beyond ? "data was acknowledged that the capture never showed"
		      : "a hole was acknowledged that the capture never filled");
}

/* What dir's sender may put into a segment: the other side's announcement. */
static uint32_t segment_limit(const struct connection *c, enum dir dir)
{
	uint32_t mss = c->half[dir_reverse(dir)].mss;

	if (mss)
		return mss;
	return c->half[dir].largest > DEFAULT_MSS ? c->half[dir].largest : DEFAULT_MSS;
}

/* The window that dir's sender saw during the gap has room for a full segment. A scale that the
 * capture doesn't show leaves only "not zero" to be said. */
bool window_open(const struct connection *c, enum dir dir)
{
	const struct half *y = &c->half[dir_reverse(dir)];

	if (!y->window_known)
		return true;
	if (c->wire.midstream)
		return y->window > 0;
	if (y->wscale < 0 || c->half[dir].wscale < 0)
		return y->window >= segment_limit(c, dir);
	return (uint64_t)y->window << y->wscale >= segment_limit(c, dir);
}

void delayed_ack_stall_ack(struct connection *c, struct ack_gap *gap, size_t flight, uint64_t bytes)
{
	enum dir dir = gap->data_dir;
	struct half *x = &c->half[dir];
	int64_t rtt = x->handshake_rtt;

	x->candidate = 0;
	if (!gap->pure || gap->resent || flight != 1 || bytes > segment_limit(c, dir))
		return;
	if (gap->gap <= STALL_MIN || gap->gap / 2 <= rtt || gap->gap - rtt >= HOLD_MAX)
		return;
	if (!window_open(c, dir) || c->half[dir_reverse(dir)].resent_frame > gap->data_frame)
		return;
	x->candidate = (size_t)(gap - c->wire.acks) + 1;
	x->candidate_bytes = bytes;
}

/* How soon after the ACK, at the capture point, the sender's data counts as liberated by it:
 * max(2 ms, half a round trip) at the sender, and the way there and back. */
static int64_t liberation_limit(const struct connection *c, enum dir dir)
{
	int64_t to_sender = c->half[dir_reverse(dir)].min_rtt;
	int64_t half_rtt = (to_sender + c->half[dir].handshake_rtt) / 2;

	return to_sender + (half_rtt > LIBERATION_MIN ? half_rtt : LIBERATION_MIN);
}

void delayed_ack_stall_data(struct connection *c, enum dir dir, uint32_t bytes, int64_t at)
{
	struct half *x = &c->half[dir];
	struct ack_gap *gap;
	int64_t after;

	c->half[dir_reverse(dir)].candidate = 0;
	if (!x->candidate)
		return;
	gap = &c->wire.acks[x->candidate - 1];
	x->candidate = 0;
	after = at - (gap->data_at + gap->gap);
	if (after < 0 || after > liberation_limit(c, dir))
		return;
	gap->stall = true;
	gap->liberated = after;
	gap->nagle = x->candidate_bytes < segment_limit(c, dir) && bytes < segment_limit(c, dir);
}

void delayed_ack_stall_resent(struct connection *c, enum dir dir, uint32_t frame)
{
	c->half[dir].resent_frame = frame;
	c->half[dir].candidate = 0;
}

const char *delayed_ack_stall_class(double seconds)
{
	static const struct {
		double low, high;
		const char *name;
	} classes[] = {
	    {0.040, 0.060, "Linux (40-60 ms)"},
	    {0.090, 0.115, "BSD, macOS, Solaris (90-115 ms)"},
	    {0.185, 0.225, "Windows classic (185-225 ms)"},
	    {0.000, 0.500, "another delayed ACK (below 500 ms)"},
	};

	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (seconds >= classes[i].low && seconds < classes[i].high)
			return classes[i].name;
	return NULL;
}
