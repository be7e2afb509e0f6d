/* engine_counts.h - what an engine is doing, in numbers, for whoever shows them. Changes nothing.
 */
#ifndef WEDGE_ENGINE_ENGINE_COUNTS_H
#define WEDGE_ENGINE_ENGINE_COUNTS_H

#include "proxy/stream/session_state.h"

struct engine;

/* Of a proxy, with the sessions that are open now. */
struct engine_proxy_counts {
	uint64_t begun, open;			  /* sessions */
	uint64_t got[LEG_COUNT], sent[LEG_COUNT]; /* bytes read and written on each leg */
	uint64_t inside[DIR_COUNT];		  /* bytes that are in wedge now */
	/* Of what has left wedge, where the engine is timed (flow_time.h): bytes, and bytes * s. */
	uint64_t left[DIR_COUNT];
	double waited[DIR_COUNT];
};

/* Counts proxy i, in the order of the configuration. */
void engine_count_proxy(const struct engine *en, size_t i, struct engine_proxy_counts *out);

/* Of all proxies. */
struct engine_levels {
	uint64_t sessions[SESSION_STATES]; /* open ones, by state */
	uint64_t held, hold_limit;	   /* bytes */
};

/* The names of enum session_state, in its order. */
extern const char *const engine_state_names[SESSION_STATES];

void engine_count_levels(const struct engine *en, struct engine_levels *out);

#endif
