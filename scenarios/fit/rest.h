/* rest.h - what a fitted scenario doesn't repeat of its capture. */
#ifndef WEDGE_SCENARIOS_FIT_REST_H
#define WEDGE_SCENARIOS_FIT_REST_H

#include "scenarios/fit/faults.h"

/* Writes, as comments, what was found and no impairment that was written makes: waits, findings,
 * and what other servers' connections lost. Returns the time of these waits, nanoseconds. */
int64_t rest_write(const struct fitting *f);

#endif
