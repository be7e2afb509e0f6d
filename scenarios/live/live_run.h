/* live_run.h - makes a run of a lab one that can be looked at while it goes on ("wedge extcap"). */
#ifndef WEDGE_SCENARIOS_LIVE_LIVE_RUN_H
#define WEDGE_SCENARIOS_LIVE_LIVE_RUN_H

#include "proxy/base/dir.h"

struct live_run;

/* Begins a process that gives the folder, where captures and journal grow, to this user's programs
 * that ask for it; what is the run's name for them, and legs says of which of wedge's legs the two
 * captures are. NULL where it can't be found, which is no failure. */
struct live_run *live_run_begin(const char *folder, const char *what,
				const enum leg legs[LEG_COUNT]);

/* What is in the folder is whole. NULL is fine. */
void live_run_end(struct live_run *r);

#endif
