/* schedule.h - when an instance is on, by its proxy's clock: a list of times, flapping, or random
 * episodes that last until they are reset. Pure: the caller brings the time. Times are nanoseconds
 * since the schedule's beginning. */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_SCHEDULE_H
#define WEDGE_IMPAIRMENTS_TRIGGER_SCHEDULE_H

#include "proxy/base/err.h"
#include "proxy/base/rng.h"

#include <stdbool.h>
#include <stdint.h>

enum schedule_kind { SCHEDULE_ALWAYS, SCHEDULE_LIST, SCHEDULE_FLAP, SCHEDULE_POISSON };

#define SCHEDULE_STEPS 64

struct schedule_config {
	enum schedule_kind kind;
	struct {
		int64_t at;
		bool on;
	} step[SCHEDULE_STEPS]; /* SCHEDULE_LIST: in the order of time */
	unsigned steps;
	int64_t first, second; /* SCHEDULE_FLAP: how long each phase lasts */
	bool first_on;
	int64_t mean; /* SCHEDULE_POISSON: from a reset to the next episode */
	double speed; /* all times above are divided by it already */
};

struct schedule {
	bool on;
	int64_t next;	   /* when on changes; INT64_MAX: never */
	uint64_t episodes; /* SCHEDULE_POISSON: begun so far */
};

/* Parses "always"; "0s on, 10s off, 30s on" (or with semicolons); "on 10s off 20s" or "off 20s on
 * 10s"; "poisson 126h". A schedule passes speed times faster than its text says. */
int schedule_parse(const char *text, double speed, struct schedule_config *c,
		   struct err *e) WG_MUSTUSE;

/* Sets the state to that at the schedule's beginning. rng is the instance's sequence; the gap
 * before episode k is its decision k. */
void schedule_begin(struct schedule *s, const struct schedule_config *c, struct rng rng);

/* Brings the schedule to the time now, one change a call. True when it has changed, at *when; call
 * again then, since more changes may be due. */
bool schedule_step(struct schedule *s, const struct schedule_config *c, int64_t now, int64_t *when);

/* Ends an episode, if one is under way; the next gap is counted from now. */
void schedule_reset(struct schedule *s, const struct schedule_config *c, struct rng rng,
		    int64_t now);

#endif
