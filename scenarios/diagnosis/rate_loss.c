/* rate_loss.c - a bucket that runs out at 100 Mbit/s and overflows beyond what comes at that rate
 * in 1 ms. */
#include "scenarios/diagnosis/rate_loss.h"

#include "proxy/base/clock.h"
#include "scenarios/diagnosis/resent.h"

#define RATE	   12500000.0 /* bytes a second: docs/rules.md, R19 */
#define OVER	   12500.0    /* bytes: 1 ms of that */
#define TIMES_LOST 10
#define LOST_LEAST 10
#define SENT_LEAST 50

static void note_burst(struct rate_loss *x, int64_t at)
{
	if (!x->fast) {
		x->bursts[x->next].from = at;
		x->next = (x->next + 1) % FAST_BURSTS;
	}
	x->bursts[(x->next + FAST_BURSTS - 1) % FAST_BURSTS].to = at;
}

static bool was_fast(const struct rate_loss *x, int64_t at)
{
	for (int i = 0; i < FAST_BURSTS; i++)
		if (x->bursts[i].from && at >= x->bursts[i].from && at <= x->bursts[i].to)
			return true;
	return false;
}

/* What is sent again is in the way of what is new, too. */
static void take_rate(struct rate_loss *x, const struct segment *s)
{
	double gone = (double)(s->at - x->at) * RATE / NS_PER_S;
	bool fast;

	x->level = gone < x->level ? x->level - gone : 0;
	x->level += s->v->payload_len;
	x->at = s->at;
	fast = x->level > OVER;
	if (fast)
		note_burst(x, s->at);
	x->fast = fast;
}

void rate_loss_take_segment(struct rate_loss *x, const struct connection *c,
			    const struct segment *s)
{
	const struct wire_resend *r = &c->half[s->dir].resend;

	if (!s->v->payload_len || s->copy || s->out_of_place || s->keepalive)
		return;
	take_rate(x, s);
	if (s->fresh && !s->again && !s->late) {
		x->sent[x->fast]++;
		return;
	}
	/* Where it was lost before the capture, nobody knows how fast it was. */
	if (!s->again || !r->at || r->at + r->gap != s->at || r->before)
		return;
	x->lost[was_fast(x, r->at)]++;
	x->frame = x->frame ? x->frame : s->frame;
}

void rate_loss_take_ack(struct rate_loss *x, const struct segment *s)
{
	bool fast = x->lost[1] > 0;

	x->blind = x->blind || !s->v->payload;
	if (!s->copy && x->lost[fast] && reports_duplicate(s->v))
		x->lost[fast]--;
}

void rate_loss_merge(struct rate_loss *x, const struct rate_loss *other)
{
	if (other->blind)
		return;
	for (int fast = 0; fast < 2; fast++) {
		x->sent[fast] += other->sent[fast];
		x->lost[fast] += other->lost[fast];
	}
	x->frame = x->frame ? x->frame : other->frame;
}

bool rate_loss_depends(const struct rate_loss *x)
{
	return x->lost[1] >= LOST_LEAST && x->sent[0] >= SENT_LEAST &&
	       (double)x->lost[1] * (double)x->sent[0] >=
		   TIMES_LOST * (double)x->lost[0] * (double)x->sent[1];
}
