/* command.h - the process that becomes the user's command: joins the namespaces, gives up what it
 * has gained by them, and executes. */
#ifndef WEDGE_EXEC_COMMAND_H
#define WEDGE_EXEC_COMMAND_H

#include "proxy/exec/exec_hosts.h"

#include <signal.h>

struct exec_command {
	char *const *argv;
	const struct exec_hosts *names;
	int user_ns, net_ns; /* user_ns -1: none */
	pid_t parent;
	const sigset_t *mask;	       /* the caller's, to be had again: what it blocked, */
	const struct sigaction *child; /* and what it did on SIGCHLD */
};

/* Ends with 125, 126 or 127 and one line on stderr when it can't. */
_Noreturn void exec_command_main(const struct exec_command *job);

#endif
