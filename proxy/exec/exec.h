/* exec.h - one command of the user's in a network of its own, every TCP connection of which passes
 * through an engine here. Knows no impairments: they come in as hooks. */
#ifndef WEDGE_EXEC_EXEC_H
#define WEDGE_EXEC_EXEC_H

#include "proxy/engine/engine.h"

/* Exit statuses of wedge's own, as of env(1) and its kin. */
enum { EXEC_FAILED = 125, EXEC_NOT_EXECUTABLE = 126, EXEC_NOT_FOUND = 127 };

struct exec_job {
	char *const *argv;		  /* the command, ended by NULL */
	struct engine_proxy_config proxy; /* its hooks; addresses and route are exec's own */
	bool packets;			  /* the hooks need the packet plane */
	uint64_t seed;
	const char *journal; /* "": none */
	enum log_level level;
};

/* Runs the command to its end, and what it has left running to theirs. Returns its exit status;
 * does not return when a signal ended it, but ends likewise. -1 with *e: it wasn't started. */
int exec_run(const struct exec_job *job, struct err *e);

#endif
