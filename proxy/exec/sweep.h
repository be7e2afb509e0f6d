/* sweep.h - ends every process of a network namespace. Finds them in /proc. */
#ifndef WEDGE_EXEC_SWEEP_H
#define WEDGE_EXEC_SWEEP_H

#include <stdint.h>

/* SIGTERM (and SIGCONT, for stopped ones) to each, a second to end, then SIGKILL. Returns when none
 * is left, or none that would go. */
void sweep_namespace(uint64_t dev, uint64_t ino);

#endif
