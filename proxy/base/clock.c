/* clock.c - the kernel's two clocks, and the one that a test sets. */
#include "proxy/base/clock.h"

#include "proxy/base/attrs.h"

#include <time.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

static int64_t monotonic_now(const struct clock *c)
{
	(void)c;
	return read_clock(CLOCK_MONOTONIC);
}

const struct clock clock_monotonic = {.now = monotonic_now};

int64_t clock_wall(void)
{
	return read_clock(CLOCK_REALTIME);
}

static int64_t fake_now(const struct clock *c)
{
	return container_of(c, struct fake_clock, clock)->t;
}

int64_t clock_wall_offset(void)
{
	int64_t best = INT64_MAX, offset = 0;

	for (int i = 0; i < 8; i++) {
		int64_t before = clock_now(&clock_monotonic), wall = clock_wall();
		int64_t after = clock_now(&clock_monotonic);

		if (after - before < best) {
			best = after - before;
			offset = wall - before - best / 2;
		}
	}
	return offset;
}

void fake_clock_init(struct fake_clock *c, int64_t t)
{
	c->clock.now = fake_now;
	c->t = t;
}
