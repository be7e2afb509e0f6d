/* command.h - the process that becomes the user's command: joins the namespaces, gives up the
 * capabilities that they grant, and executes. */
#ifndef WEDGE_EXEC_COMMAND_H
#define WEDGE_EXEC_COMMAND_H

#include "proxy/exec/exec_hosts.h"
#include "proxy/exec/root_files.h"

#include <signal.h>

struct exec_command {
	char *const *argv;
	const struct exec_hosts *hosts;
	struct root_files *root_files;
	int user_ns, net_ns; /* user_ns -1: none */
	pid_t parent;
	int life; /* to the helper, which is told the mount namespace */
	/* The caller's signal mask and action on SIGCHLD, which the command gets. */
	const sigset_t *mask;
	const struct sigaction *child;
};

/* When it can't execute the command: exits with a status of exec_job.h, after one line on stderr.
 */
_Noreturn void exec_command_main(const struct exec_command *job);

#endif
