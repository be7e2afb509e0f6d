/* live_process.h - the process behind a live capture: captures until wedge sends a stop or is gone,
 * then writes the file. Nothing that ends wedge ends it. */
#ifndef WEDGE_SCENARIOS_LIVE_LIVE_PROCESS_H
#define WEDGE_SCENARIOS_LIVE_LIVE_PROCESS_H

#include "proxy/base/capture.h"
#include "scenarios/live/annotate_live.h"

/* Locks a file that wedge and its writers append to, for as long as one of them has it open: the
 * process reads it when they have ended, also when wedge was killed. */
void live_lock(int fd);

/* Whether packets can be captured in the network that this process is in: 0; -1 with *e. */
int live_check_privilege(struct err *e) WG_MUSTUSE;

/* Runs the forked process to its end. path is the file to be written; apart: where the client legs
 * are, NULL: here; msg_fd leads to wedge: filter, stop from there; ready, filtered, written or
 * error from here. */
_Noreturn void live_process(const char *path, const struct live_files *files,
			    const struct capture_apart *apart, int msg_fd);

/* Runs a stream's process to its end: packets go to raw as they come, until wedge is gone or says
 * stop, or nobody reads them any more. */
_Noreturn void live_stream(int raw, int msg_fd);

#endif
