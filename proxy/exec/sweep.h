/* sweep.h - ends every process of the command's namespaces. Finds them in /proc. */
#ifndef WEDGE_EXEC_SWEEP_H
#define WEDGE_EXEC_SWEEP_H

#include <stdint.h>

/* A namespace, as stat(2) tells of its file in /proc/PID/ns; ino 0: none. */
struct sweep_ns {
	uint64_t dev, ino;
};

/* A process belongs to the command that is in its network, or in its mount namespace: one that has
 * left the first by unshare(2) is still in the second. */
struct sweep {
	struct sweep_ns net, mnt;
};

/* Sends each process SIGTERM (and SIGCONT, for the stopped ones), after a second SIGKILL. Returns
 * when none is left, or after 2 s. */
void sweep_processes(const struct sweep *w);

#endif
