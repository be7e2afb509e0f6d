/* sweep.h - ends every process of the command's namespaces. Finds them in /proc. */
#ifndef WEDGE_EXEC_SWEEP_H
#define WEDGE_EXEC_SWEEP_H

/* A process belongs to the command that is in its network, or in its mount namespace: one that has
 * left the first by unshare(2) is still in the second. Both are descriptors of /proc/PID/ns files,
 * -1: none. They must be open: the kernel gives the number of a namespace that nobody holds to the
 * next one that anybody makes, and that one's processes would be ended. */
struct sweep {
	int net, mnt;
};

/* Sends each process SIGTERM (and SIGCONT, for the stopped ones), after a second SIGKILL. Returns
 * when none is left, or after 2 s. */
void sweep_processes(const struct sweep *w);

#endif
