/* inside.h - the process that is the network of the command: makes the namespaces, catches the
 * connections, runs the engine between them and the helper. */
#ifndef WEDGE_EXEC_INSIDE_H
#define WEDGE_EXEC_INSIDE_H

#include "proxy/exec/exec.h"
#include "proxy/exec/exec_hosts.h"

enum { INSIDE_USER, INSIDE_NET, INSIDE_FDS };

/* The one message to the supervisor: text is empty, and the user (only when ids are mapped) and
 * network namespaces come along; or it says what went wrong. */
struct inside_ready {
	struct err err;
};

struct inside_job {
	const struct exec_job *job;
	const struct exec_hosts *names;
	int control;  /* to the supervisor; one byte from there: the command has ended */
	int requests; /* to the helper */
	bool map_ids; /* in a user namespace, for this uid and gid */
};

_Noreturn void inside_main(const struct inside_job *job);

#endif
