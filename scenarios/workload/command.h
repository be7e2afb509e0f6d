/* command.h - a program of the user's as a client or a server: starts and watches it, ends it with
 * its whole process group, measures its standard output. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_COMMAND_H
#define WEDGE_SCENARIOS_WORKLOAD_COMMAND_H

#include "scenarios/workload/command_task.h"

#include <stdbool.h>
#include <stdint.h>

/* Runs the program, a role's main, and speaks the messages of workload.h: ready (client: at once;
 * server: when its port is in state LISTEN), start, stop, and one result, which is that of
 * workload.h with no exchange listed ("completed" or "failed" is 1 for a client; status 0 is
 * completed), and besides "exit_status" (128 + n for signal n), "began", seconds of
 * CLOCK_MONOTONIC, "duration" in seconds,
 * "output_bytes" and "sha256" of its standard output, "error_bytes" of its standard error,
 * "stopped", true when the runner or the limit ended it, "limited", true when that was the limit,
 * and "outlived", how many processes of its lived on when it had ended by itself: none does after
 * the result. That of a program that doesn't end by itself is told in long_lived.h. */
int command_main(const struct command_task *task);

/* True when the text of /proc/net/tcp or tcp6 has a socket in state LISTEN on the port. */
bool command_listens(const char *proc_net_tcp, uint16_t port);

#endif
