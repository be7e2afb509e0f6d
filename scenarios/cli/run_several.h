/* run_several.h - the scenarios of one command: in turn, each with its progress, or several at the
 * same time, each with a line at its end; and the index over their reports. */
#ifndef WEDGE_SCENARIOS_CLI_RUN_SEVERAL_H
#define WEDGE_SCENARIOS_CLI_RUN_SEVERAL_H

#include "proxy/base/err.h"
#include "scenarios/cli/run_many.h"
#include "scenarios/scenario/scenario.h"

struct several {
	struct scenario *const *list;
	size_t n, jobs; /* at most so many at a time */
	/* Runs list[i], fills in *o but for its elapsed, and returns the exit status. */
	int (*run)(void *arg, size_t i, struct run_outcome *o);
	void *arg;
	bool indexed;	     /* folder gets an index of them */
	bool whole;	     /* what each run prints is wanted, not a line of it */
	bool json;	     /* nothing else is to be printed */
	const char *folder;  /* of their reports */
	const char *command; /* to run them again */
	uint64_t seed;
	bool quick;
};

/* Returns the worst exit status. */
int run_several(const struct several *s);

#endif
