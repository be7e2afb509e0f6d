/* long_lived.h - a program that doesn't end by itself: once it is ready another one may be run
 * beside it, and then both are ended. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_LONG_LIVED_H
#define WEDGE_SCENARIOS_WORKLOAD_LONG_LIVED_H

#include "scenarios/workload/command_task.h"

/* What a connection may stay open behind the verdict before it counts as leaked. */
#define LONG_LIVED_LINGER (5 * NS_PER_S)

struct long_lived {
	/* The program is ready when it has printed this, to either output; "": when it has sent its
	 * first data to the server. At most TEXT_WATCH_MAX bytes. */
	const char *ready;
	char *const *then; /* what is run then, filled in as argv is; NULL: nothing */
	const char *then_output, *then_errors; /* as output and errors of the task, of then */
	/* It is watched for what it does about a fault: without then it goes on until the task's
	 * limit, ready or not, and behind then's end or that limit for LONG_LIVED_LINGER. Else it
	 * is ended with then, or without one LONG_LIVED_LINGER after it was ready. */
	bool watched;
};

/* Runs the task's program, which must be a client, as command_main does. It has the task's limit to
 * become ready, and then has it again. Both are ended with all that they have started.
 * The result is then's where it was run, else the program's own, and besides "long_lived":
 * {"ready": bool, "ready_after": seconds or null, "then": whether it was run, "ended": whether the
 * program has ended by itself, "sockets": as open_sockets_json, when they were looked at last,
 * before anything was ended: at "looked", seconds of CLOCK_MONOTONIC}. */
int long_lived_run(const struct command_task *task);

#endif
