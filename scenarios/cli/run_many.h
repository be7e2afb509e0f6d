/* run_many.h - several runs, each in a process of its own, some at the same time: what one does to
 * itself, or an end that it comes to, is none of the others' business. */
#ifndef WEDGE_SCENARIOS_CLI_RUN_MANY_H
#define WEDGE_SCENARIOS_CLI_RUN_MANY_H

#include "scenarios/run/result.h"

/* What a run tells of itself. */
struct run_outcome {
	bool has_report;
	enum run_verdict verdict;
	char why[768];	/* one line, as long as an err.h text */
	double elapsed; /* seconds */
};

struct run_many {
	size_t n, jobs;	   /* at most so many at a time */
	const bool *alone; /* of each: nothing else of wedge's may run beside it */
	/* Does run i in its own process, fills in *o but for its elapsed, and returns the exit
	 * status. */
	int (*run)(void *arg, size_t i, struct run_outcome *o);
	/* Is told of each end, with all that the run has printed. */
	void (*done)(void *arg, size_t i, const struct run_outcome *o, const char *output);
	void *arg;
};

/* Does all of them, those that want to be alone last. Returns the worst exit status. When this
 * process dies, by any means, so do the runs. */
int run_many(const struct run_many *m);

#endif
