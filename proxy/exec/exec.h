/* exec.h - one command of the user's in a network of its own, every TCP connection of which passes
 * through an engine here. Knows no impairments: they come in as hooks. */
#ifndef WEDGE_EXEC_EXEC_H
#define WEDGE_EXEC_EXEC_H

#include "proxy/exec/exec_job.h"

/* Runs the command to its end, and every process that it leaves running to its own. Returns the
 * command's exit status; when a signal ended the command, the same signal ends the caller instead.
 * -1 with *e: the command wasn't started, or has lost its network. */
int exec_run(const struct exec_job *job, struct err *e);

#endif
