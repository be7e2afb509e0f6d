/* schedule.h - when an instance is switched on, on the clock of its proxy: a list of times,
 * flapping, or random episodes that last until somebody ends them. Pure; told the time. */
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
		int64_t at; /* since the schedule's beginning */
		bool on;
	} step[SCHEDULE_STEPS]; /* list: in order */
	unsigned steps;
	int64_t first, second; /* flap: how long each phase lasts */
	bool first_on;
	int64_t mean; /* poisson: from one reset to the next episode */
	double speed; /* everything above passes so many times faster */
};

struct schedule {
	bool on;
	int64_t next;	   /* when it changes, since its beginning; INT64_MAX: never */
	uint64_t episodes; /* poisson: begun so far */
};

/* "always"; "0s on, 10s off, 30s on" (or with semicolons); "on 10s off 20s" or "off 20s on 10s";
 * "poisson 126h". */
int schedule_parse(const char *text, double speed, struct schedule_config *c,
		   struct err *e) WG_MUSTUSE;

/* Its state at its beginning. rng: that of the instance, for which episode k takes decision k. */
void schedule_begin(struct schedule *s, const struct schedule_config *c, struct rng rng);

/* Brings it to the time now (since its beginning), one change a call: true when it has changed, at
 * *when; call it again then. */
bool schedule_step(struct schedule *s, const struct schedule_config *c, int64_t now, int64_t *when);

/* Ends an episode; the next gap is counted from now. */
void schedule_reset(struct schedule *s, const struct schedule_config *c, struct rng rng,
		    int64_t now);

#endif
