/* processors.h - how many processors this process may use. */
#ifndef WEDGE_BASE_PROCESSORS_H
#define WEDGE_BASE_PROCESSORS_H

#include <stddef.h>

/* At least 1: those of its affinity (sched_getaffinity(2)), which may be fewer than the machine
 * has. */
size_t processors_count(void);

#endif
