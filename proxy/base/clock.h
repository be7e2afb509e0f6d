/* clock.h - time as nanoseconds of CLOCK_MONOTONIC, injected so that tests can turn the hands. */
#ifndef WEDGE_BASE_CLOCK_H
#define WEDGE_BASE_CLOCK_H

#include <stdint.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)

struct clock {
	int64_t (*now)(const struct clock *); /* nanoseconds, never going back */
};

static inline int64_t clock_now(const struct clock *c)
{
	return c->now(c);
}

extern const struct clock clock_monotonic;

/* Converts nanoseconds for results and journals, whose times are seconds. */
static inline double clock_seconds(int64_t ns)
{
	return (double)ns / (double)NS_PER_S;
}

/* The way back: seconds out of results, to the nearest nanosecond that a double can tell. */
static inline int64_t clock_from_seconds(double seconds)
{
	return (int64_t)(seconds * (double)NS_PER_S);
}

/* Returns wall-clock nanoseconds since 1970, the time stamps of packet captures. */
int64_t clock_wall(void);

/* Returns clock_wall() - clock_now(&clock_monotonic), the tightest of a few looks at both. */
int64_t clock_wall_offset(void);

/* A clock for tests: its time is what the test sets. */
struct fake_clock {
	struct clock clock;
	int64_t t;
};

void fake_clock_init(struct fake_clock *c, int64_t t);

#endif
