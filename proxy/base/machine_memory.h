/* machine_memory.h - how much memory this process may have. */
#ifndef WEDGE_BASE_MACHINE_MEMORY_H
#define WEDGE_BASE_MACHINE_MEMORY_H

#include <stdint.h>

/* Returns the least of the machine's memory and the limits of the process's control groups (v2
 * memory.max, v1 memory.limit_in_bytes, its own and those above) and of its address space
 * (RLIMIT_AS), in bytes. root: "", or in a test the folder that stands for /. */
uint64_t machine_memory(const char *root);

#endif
