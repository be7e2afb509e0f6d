/* arrivals.h - when those come who come by a rate, or one after the other: a client's timetable,
 * whatever it is that comes. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_ARRIVALS_H
#define WEDGE_SCENARIOS_WORKLOAD_ARRIVALS_H

#include "proxy/base/err.h"
#include "proxy/base/rng.h"

#include <stdbool.h>
#include <stdint.h>

enum arrivals_kind { ARRIVALS_EVEN, ARRIVALS_POISSON };

extern const char *const arrivals_names[]; /* of enum arrivals_kind; NULL-terminated */

/* Times are ns of the monotonic clock. */
struct arrivals {
	int64_t every,
	    at;		 /* of the rate: between two, the next one's time; every 0: there is none */
	uint64_t left;	 /* still to come */
	struct rng gaps; /* the caller's, and its seed */
};

/* Checks a rate as it is written, "20/s", "90/min" or "0". */
int arrivals_check_rate(const char *text, struct err *e) WG_MUSTUSE;

/* Begins with a checked rate (NULL: 0), of which n are to come, the first one now. */
void arrivals_begin(struct arrivals *a, const char *rate, uint64_t n, int64_t now);

/* Returns how long after the last one the next one comes, in the mean so many ns. */
int64_t arrivals_gap(struct arrivals *a, enum arrivals_kind kind, int64_t mean);

/* Returns whether more are to come by the rate; *due is brought forward to the next one's time. */
bool arrivals_watch(const struct arrivals *a, int64_t *due);

/* Returns whether one has come by now. */
bool arrivals_came(const struct arrivals *a, int64_t now);

/* That one has been seen to. endless: there are as many left as before. */
void arrivals_next(struct arrivals *a, enum arrivals_kind kind, bool endless);

/* Changes the rate from now on. Returns whether it is another one. */
bool arrivals_set_rate(struct arrivals *a, const char *rate, enum arrivals_kind kind, int64_t now);

#endif
