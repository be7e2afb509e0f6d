/* sweep.h - ends every process of the command's namespaces, or that descends from it. Finds them in
 * /proc. */
#ifndef WEDGE_EXEC_SWEEP_H
#define WEDGE_EXEC_SWEEP_H

#include "proxy/exec/descendants.h"

/* A process belongs to the command that is in one of its namespaces: one that has left the network
 * by unshare(2) is still in the others. They are descriptors of /proc/PID/ns files, -1: none; time
 * is that of children. They must be open: the kernel gives the number of a namespace that nobody
 * holds to the next one that anybody makes, and that one's processes would be ended. */
struct sweep {
	int net, mnt, time;
	const struct descendants *descendants; /* these, too; NULL: none */
};

/* Sends each process SIGTERM (and SIGCONT, for the stopped ones), after a second SIGKILL. Returns
 * when none is left, or after 2 s. */
void sweep_processes(const struct sweep *w);

#endif
