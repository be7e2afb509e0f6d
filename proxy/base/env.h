/* env.h - what a stage takes from its surroundings, so that tests can inject it: clock, timers,
 * journal, log, seed. */
#ifndef WEDGE_BASE_ENV_H
#define WEDGE_BASE_ENV_H

#include "proxy/base/clock.h"
#include "proxy/base/journal.h"
#include "proxy/base/log.h"
#include "proxy/base/timerq.h"

#include <stdbool.h>

struct hold_pool;

struct env {
	const struct clock *clock;
	struct timerq *timers;
	struct journal *journal; /* may be NULL */
	const struct log *log;	 /* may be NULL */
	uint64_t seed;		 /* of the run */
	struct hold_pool *holds; /* bounds what all flows hold; may be NULL */
	bool timed;		 /* flows keep account of how long bytes are inside (flow_time.h) */
};

#endif
