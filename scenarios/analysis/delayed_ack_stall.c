/* delayed_ack_stall.c - R4's first half: a pure ACK that comes late is a candidate; it is a stall
 * when the sender's next data follows at once (the liberation test). */
#include "scenarios/analysis/delayed_ack_stall.h"

#include "proxy/base/clock.h"

#define STALL_MIN      (20 * NS_PER_MS)
#define HOLD_MAX       (500 * NS_PER_MS) /* RFC 1122 4.2.3.2: an ACK must be delayed by less */
#define LIBERATION_MIN (2 * NS_PER_MS)

void delayed_ack_stall_take_ack(struct connection *c, struct ack_gap *gap, size_t flight,
				uint64_t bytes)
{
	enum dir dir = gap->data_dir;
	struct half *x = &c->half[dir];
	int64_t rtt = x->handshake_rtt;

	x->candidate = 0;
	if (!gap->pure || gap->resent || flight != 1 || bytes > connection_segment_limit(c, dir))
		return;
	if (gap->gap <= STALL_MIN || gap->gap / 2 <= rtt || gap->gap - rtt >= HOLD_MAX)
		return;
	if (!connection_window_open(c, dir) ||
	    c->half[dir_reverse(dir)].resent_frame > gap->data_frame)
		return;
	x->candidate = (size_t)(gap - c->wire.acks) + 1;
	x->candidate_bytes = bytes;
}

/* Returns how soon after the ACK, at the capture point, the sender's data counts as liberated:
 * max(2 ms, half a round trip) at the sender, and the way there and back. */
static int64_t liberation_limit(const struct connection *c, enum dir dir)
{
	int64_t to_sender = c->half[dir_reverse(dir)].min_rtt;
	int64_t half_rtt = (to_sender + c->half[dir].handshake_rtt) / 2;

	return to_sender + (half_rtt > LIBERATION_MIN ? half_rtt : LIBERATION_MIN);
}

const struct ack_gap *delayed_ack_stall_take_data(struct connection *c, enum dir dir,
						  uint32_t bytes, int64_t at)
{
	struct half *x = &c->half[dir];
	struct ack_gap *gap;
	int64_t after;

	c->half[dir_reverse(dir)].candidate = 0;
	if (!x->candidate)
		return NULL;
	gap = &c->wire.acks[x->candidate - 1];
	x->candidate = 0;
	after = at - (gap->data_at + gap->gap);
	if (after < 0 || after > liberation_limit(c, dir))
		return NULL;
	gap->stall = true;
	gap->liberated = after;
	gap->nagle = x->candidate_bytes < connection_segment_limit(c, dir) &&
		     bytes < connection_segment_limit(c, dir);
	return gap;
}

void delayed_ack_stall_take_resend(struct connection *c, enum dir dir, uint32_t frame)
{
	c->half[dir].resent_frame = frame;
	c->half[dir].candidate = 0;
}
