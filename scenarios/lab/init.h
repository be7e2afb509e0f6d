/* init.h - the lab's first process: builds the network, starts the roles, reports how they end and
 * takes everything with it. */
#ifndef WEDGE_SCENARIOS_LAB_INIT_H
#define WEDGE_SCENARIOS_LAB_INIT_H

#include "scenarios/lab/lab_spec.h"

#include <stddef.h>
#include <sys/types.h>

struct init_job {
	const struct lab_spec *spec;
	const struct lab_role *roles;
	size_t nroles;
	int *role_fds; /* the roles' ends of their message sockets */
	int control;   /* to the runner; the runner's end closes when it dies */
	int orders;    /* from the runner */
	bool map_ids;  /* in a new user namespace, for this uid and gid: */
	uid_t uid;
	gid_t gid;
};

/* Runs the process; ends with it. Messages on the control socket:
 * {"type":"ready","environment":{...}} or {"type":"error", "text":...} once, then
 * {"type":"exit","role":index,"status":as of waitpid} for each role. On the socket of orders
 * {"type":"link","host":number,"up":bool} is answered by {"type":"done"} or {"type":"error",
 * "text":...}. */
_Noreturn void init_main(const struct init_job *job);

#endif
