/* sweep.h - ends every process of a network namespace. Finds them in /proc. */
#ifndef WEDGE_EXEC_SWEEP_H
#define WEDGE_EXEC_SWEEP_H

#include <stdint.h>

/* Sends each process SIGTERM (and SIGCONT, for the stopped ones), after a second SIGKILL. Returns
 * when none is left, or after 2 s. dev and ino: of /proc/PID/ns/net (stat(2)). */
void sweep_namespace(uint64_t dev, uint64_t ino);

#endif
