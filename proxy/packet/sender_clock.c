/* sender_clock.c - a segment on its way can only be late, so each one says what the clock had at
 * least; and two of them, far enough apart, between which bounds its rate is. */
#include "proxy/packet/sender_clock.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/packet/tcp_view.h"

#include <math.h>

/* By so much the first segment may have been late, on its way or because nobody was there to look:
 * what came after it seems to be of a faster clock then. Too slow a rate is only behind, too fast a
 * one is ahead of the host, so a rate is raised only as far as this leaves no other reading. */
#define LATE	      (500 * NS_PER_MS)
/* By so much the last segment may be late, and by more where there is time to wait for a better
 * one; that a clock is slow is believed early, as long as there is only a guess to lose. */
#define JITTER	      (100 * NS_PER_MS)
#define JITTER_EARLY  (3 * NS_PER_MS)
#define SURE_AFTER    NS_PER_S
/* A usual rate so many times above what the host has surely done isn't taken for its rate. */
#define LEAP_MAX      50
/* Clocks of two hosts drift apart by less than this, so what is reckoned ahead is never too much.
 */
#define DRIFT	      1e-4
#define HZ_MIN	      1e-3
#define HZ_MAX	      2e6
/* An older TSval by more than this isn't a segment that was overtaken: it is another clock. */
#define OVERTAKEN_MAX (60 * NS_PER_S)

/* What stacks have: 1000 and, before 4.13, 100 or 250 in Linux, 10 and 100 in Windows, 2 in OpenBSD
 * of old, 1 the least that RFC 7323 section 5.4 allows; 1e6 is Linux's tcp_usec_ts. */
static const double usual_hz[] = {1, 2, 10, 64, 100, 128, 250, 500, 512, 1000, 1024, 1e6};

static void begin_anew(struct sender_clock *c, int64_t now, uint32_t tsval)
{
	c->seen = true;
	c->last = tsval;
	c->first = c->ticks;
	c->first_at = c->last_at = c->reached_at = now;
	c->reached = (double)c->ticks;
}

static double reckon_ticks(const struct sender_clock *c, int64_t at)
{
	return at > c->reached_at
		   ? c->reached + c->hz * (1 - DRIFT) * clock_seconds(at - c->reached_at)
		   : c->reached;
}

struct bounds {
	double low, high; /* ticks a second, however late the segments were */
	bool long_enough; /* measured over a second */
};

/* A TSval is the floor of the clock, so a difference of two may be one tick off. */
static struct bounds bound_hz(const struct sender_clock *c)
{
	double ticks = (double)(c->ticks - c->first);
	double time = clock_seconds(c->last_at - c->first_at);
	double early = clock_seconds(c->known > 0 ? JITTER : JITTER_EARLY) +
		       fmin(0.05 * time, 4 * clock_seconds(JITTER));

	return (struct bounds){.low = fmax((ticks - 1) / (time + clock_seconds(LATE)), HZ_MIN),
			       .high = time > early ? (ticks + 1) / (time - early) : HZ_MAX,
			       .long_enough = c->last_at - c->first_at >= SURE_AFTER};
}

static bool is_within(const struct bounds *b, double hz)
{
	return hz >= b->low * (1 - DRIFT) && hz <= b->high * (1 + DRIFT);
}

/* Returns the lowest usual rate that the host may have, as the true one, if it is usual, isn't
 * lower; 0: none. */
static double find_usual_hz(const struct bounds *b)
{
	for (size_t i = 0; i < ARRAY_LEN(usual_hz); i++)
		if (is_within(b, usual_hz[i]))
			return usual_hz[i] <= LEAP_MAX * b->low ? usual_hz[i] : 0;
	return 0;
}

/* Returns a rate for a host without a usual one, or for segments that were later than is believed:
 * these can't be told apart in short time, so the next lower usual one then. */
static double choose_unusual_hz(const struct bounds *b)
{
	double best = b->low;

	if (b->long_enough)
		return best;
	for (size_t i = 0; i < ARRAY_LEN(usual_hz) && usual_hz[i] <= b->low; i++)
		best = usual_hz[i];
	return best;
}

static void measure_hz(struct sender_clock *c)
{
	struct bounds b = bound_hz(c);
	double expected = c->known > 0 ? c->known : c->guess;
	double usual = is_within(&b, expected) ? expected : find_usual_hz(&b);

	c->hz = usual > 0 ? usual : choose_unusual_hz(&b);
	if (b.long_enough && (usual > 0 || b.high < 1.1 * b.low))
		c->known = c->hz;
}

/* Returns whether no clock gets from the last TSval to this one in the time between. */
static bool is_another_clock(const struct sender_clock *c, int64_t now, int32_t ticks)
{
	if (ticks < 0)
		return ticks < -c->hz * clock_seconds(OVERTAKEN_MAX);
	return ticks - 1 > HZ_MAX * clock_seconds(now - c->last_at + JITTER);
}

void sender_clock_note(struct sender_clock *c, int64_t now, uint32_t tsval, bool syn)
{
	int32_t ticks = seq_diff(tsval, c->last);
	double old;
	bool measuring;

	if (c->guess <= 0)
		c->guess = SENDER_CLOCK_HZ;
	if (c->hz <= 0)
		c->hz = c->known > 0 ? c->known : c->guess;
	if (!c->seen || is_another_clock(c, now, ticks)) {
		begin_anew(c, now, tsval);
		c->first_at = syn ? INT64_MAX : now;
		return;
	}
	if (ticks < 0)
		return;
	measuring = c->first_at != INT64_MAX;
	c->ticks += ticks;
	c->last = tsval;
	c->last_at = now;
	if (!measuring && !syn) {
		c->first_at = now;
		c->first = c->ticks;
	}
	old = c->hz;
	if (measuring)
		measure_hz(c);
	/* What was reckoned with too high a rate isn't sure. */
	if (c->hz < old || (double)c->ticks >= reckon_ticks(c, now))
		c->reached = (double)c->ticks;
	else
		c->reached = reckon_ticks(c, now);
	c->reached_at = now;
}

uint32_t sender_clock_at(const struct sender_clock *c, int64_t at)
{
	return c->last + (uint32_t)((int64_t)floor(reckon_ticks(c, at)) - c->ticks);
}
