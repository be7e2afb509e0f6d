/* users_rate.h - exchanges by a rate instead of each user's pauses, and what a "set" changes of a
 * client of users.h. Private to the framework. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_USERS_RATE_H
#define WEDGE_SCENARIOS_WORKLOAD_USERS_RATE_H

#include "scenarios/workload/user.h"

/* Begins with the rate that is configured; false when there is none. */
bool users_rate_begin(struct users *us);

/* Returns whether more is to come; *due is brought forward to the next exchange's time. */
bool users_rate_watch(const struct users *us, int64_t *due);

/* Begins the exchanges whose time has come. */
void users_rate_turn(struct users *us, int64_t now);

/* Takes a "set" and answers it. -1: the runner is gone. */
int users_set(struct users *us, const json_t *m);

#endif
