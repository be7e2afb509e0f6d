/* runner.h - a workload's messages to and from the runner (those of workload.h). */
#ifndef WEDGE_SCENARIOS_WORKLOAD_RUNNER_H
#define WEDGE_SCENARIOS_WORKLOAD_RUNNER_H

#include "proxy/base/err.h"

#include <jansson.h>
#include <stdbool.h>

enum runner_word {
	RUNNER_NOTHING,
	RUNNER_START,
	RUNNER_STOP,
	RUNNER_HANG,   /* stand still until the next message; answered */
	RUNNER_KILL,   /* send the result, then die of SIGKILL, sockets open */
	RUNNER_VANISH, /* the same, and the sockets end without a segment */
	RUNNER_SET,    /* "key", "value": a parameter; answered */
	RUNNER_AWAIT,  /* "n", "failed", "since": answered when so many exchanges have ended so */
	RUNNER_GONE
};

/* Reads the one message that poll announced; *message, unless NULL, gets a new reference, or NULL.
 */
enum runner_word runner_read(int msg_fd, json_t **message);

/* The same for a workload that does all in one thread, which hangs in here: returns what ends that.
 */
enum runner_word runner_obey(int msg_fd, json_t **message);

/* Tells the runner that what it asked for is done. -1: the runner is gone. */
int runner_done(int msg_fd);

/* Begins a client: sends ready and waits for the start. Returns START, STOP or GONE. */
enum runner_word runner_await_start(int msg_fd);

/* Sends the reason why the workload could not run; returns the exit status. */
int runner_error(int msg_fd, const char *text);

#endif
