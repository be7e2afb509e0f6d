/* resent.c - a receiver that had it before says so (DSACK), acknowledges what came before (its
 * timestamp), or sooner than it can have had the second. */
#include "scenarios/diagnosis/resent.h"

#include "proxy/base/clock.h"

#define RTT_LEAST                                                                                  \
	(1 * NS_PER_MS) /* below, a receiver is too near to be told from its own answer            \
			 */

bool reports_duplicate(const struct tcp_view *v)
{
	if (!v->sack_blocks)
		return false;
	if (seq_diff(v->sack[0][1], v->ack) <= 0)
		return true;
	return v->sack_blocks > 1 && seq_diff(v->sack[0][0], v->sack[1][0]) >= 0 &&
	       seq_diff(v->sack[0][1], v->sack[1][1]) <= 0;
}

static bool is_needless(const struct resent *r, const struct half *x, const struct segment *s)
{
	if (reports_duplicate(s->v))
		return true;
	if (!s->acked)
		return false;
	if (r->stamped && s->v->has_timestamp) /* RFC 3522 */
		return seq_diff(s->v->tsecr, r->tsval) < 0;
	return x->min_rtt >= RTT_LEAST && s->at - r->first < x->min_rtt / 2;
}

bool resent_take_segment(struct resent *r, const struct connection *c, enum dir data,
			 const struct segment *s, int64_t *first)
{
	bool needless;

	if (s->dir == data) {
		if (!s->again || !s->v->payload_len)
			return false;
		if (!r->first) {
			r->first = s->at;
			r->tsval = s->v->tsval;
			r->stamped = s->v->has_timestamp;
		}
		r->at = s->at;
		return false;
	}
	if (!r->first || s->copy || s->out_of_place)
		return false;
	needless = is_needless(r, &c->half[data], s);
	*first = r->first;
	/* A DSACK may come with the ACK behind the one that made progress. */
	if (needless || (s->acked && (r->stamped || s->at - r->at > c->half[data].min_rtt * 2)))
		*r = (struct resent){0};
	return needless;
}
