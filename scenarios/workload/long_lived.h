/* long_lived.h - a program that doesn't end by itself: once it is ready another one may be run
 * beside it, and then both are ended. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_LONG_LIVED_H
#define WEDGE_SCENARIOS_WORKLOAD_LONG_LIVED_H

#include "scenarios/workload/command.h"

/* What a connection may stay open behind the verdict before it counts as leaked. */
#define LONG_LIVED_LINGER (5 * NS_PER_S)

struct long_lived {
	/* The program is ready when it has printed this, to either output; "": when it has sent its
	 * first data to the server. At most TEXT_WATCH_MAX bytes. */
	const char *ready;
	char *const *then; /* what is run then, filled in as argv is; NULL: nothing */
	const char *then_output, *then_errors; /* as output and errors of the task, of then */
	/* Without then: it goes on until the task's limit, whether it is ready or not. Else it goes
	 * on for LONG_LIVED_LINGER when it is ready. */
	bool to_limit;
};

/* Runs the task's program, which must be a client, as command_main does. It has the task's limit to
 * become ready, and then has it again. Behind then's end, or the limit, the program goes on for
 * LONG_LIVED_LINGER before both are ended with all that they have started; where then has reached
 * its limit, at once.
 * The result is then's where it was run, else the program's own, and besides "long_lived":
 * {"ready": bool, "ready_after": seconds or null, "then": whether it was run, "ended": whether the
 * program has ended by itself, "sockets": as open_sockets_json, at the time of the end}. */
int long_lived_run(const struct command_task *task);

#endif
