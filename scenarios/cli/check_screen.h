/* check_screen.h - "wedge check" on the terminal: a row for each hang point as soon as it is known.
 */
#ifndef WEDGE_SCENARIOS_CLI_CHECK_SCREEN_H
#define WEDGE_SCENARIOS_CLI_CHECK_SCREEN_H

#include "scenarios/cli/check_play.h"

/* quiet is the caller's: JSON alone is wanted. */
struct check_screen {
	bool quiet, terminal;
	int64_t started;   /* CLOCK_MONOTONIC, nanoseconds */
	int64_t faults_at; /* when the first run with a fault began */
	int64_t limit;
	size_t runs, jobs, done;
};

/* Begins; s must outlive the watcher. */
struct check_watcher check_screen_watcher(struct check_screen *s);

/* The last line: how many hang points, how many of them handled badly. */
void check_screen_end(const struct card *c, const struct check_screen *s);

#endif
