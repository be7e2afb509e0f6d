/* sender_clock.c - a segment on its way can only be late, so each one says what the clock had at
 * least; and two of them, far enough apart, between which bounds its rate is. */
#include "proxy/packet/sender_clock.h"

#include "proxy/base/clock.h"
#include "proxy/packet/tcp_view.h"

#include <math.h>

/* By so much the ways of two segments to here may differ: by more where there is time to wait for
 * better ones. */
#define JITTER	      (100 * NS_PER_MS)
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

static double allow_jitter(double time)
{
	return clock_seconds(JITTER) + fmin(0.05 * time, 4 * clock_seconds(JITTER));
}

/* Returns the rate between the bounds: the usual one next to their middle; else what was measured,
 * or the lower bound as long as they are far apart. */
static double choose_hz(double low, double high, double measured)
{
	double best = 0;

	for (size_t i = 0; i < sizeof(usual_hz) / sizeof(*usual_hz); i++)
		if (usual_hz[i] >= low && usual_hz[i] <= high &&
		    fabs(log(usual_hz[i] / measured)) < fabs(log(best / measured)))
			best = usual_hz[i];
	if (best > 0)
		return best;
	return high < 1.1 * low ? measured : low;
}

/* Returns whether the rate is another one now. A TSval is the floor of the clock, so a difference
 * of two may be one tick off. */
static bool measure_hz(struct sender_clock *c)
{
	double ticks = (double)(c->ticks - c->first),
	       time = clock_seconds(c->last_at - c->first_at);
	double jitter = allow_jitter(time), low = fmax((ticks - 1) / (time + jitter), HZ_MIN);
	double high = time > jitter ? (ticks + 1) / (time - jitter) : HZ_MAX;

	if (c->hz >= low * (1 - DRIFT) && c->hz <= high * (1 + DRIFT))
		return false;
	c->hz = choose_hz(low * (1 - DRIFT), high * (1 + DRIFT),
			  ticks > 0 && time > 0 ? ticks / time : high);
	return true;
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
	bool measuring;

	if (c->hz <= 0)
		c->hz = SENDER_CLOCK_HZ;
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
	if ((measuring && measure_hz(c)) || (double)c->ticks >= reckon_ticks(c, now))
		c->reached = (double)c->ticks;
	else
		c->reached = reckon_ticks(c, now);
	c->reached_at = now;
}

uint32_t sender_clock_at(const struct sender_clock *c, int64_t at)
{
	return c->last + (uint32_t)((int64_t)floor(reckon_ticks(c, at)) - c->ticks);
}
