/* process_tree.h - all that a process has started, whatever sessions and groups they have made for
 * themselves. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_PROCESS_TREE_H
#define WEDGE_SCENARIOS_WORKLOAD_PROCESS_TREE_H

#include <stddef.h>
#include <sys/types.h>

/* From here on, who loses its parent becomes a child of this process. */
void process_tree_adopt(void);

/* Sends the signal to all that live below that process, itself aside; 0: to none. Returns how many
 * they are; 0 where /proc isn't this PID namespace's, and tells nothing. */
size_t process_tree_signal(pid_t root, int sig);

/* Ends all that live below this process, at once, and reaps them. Who can't be ended within a
 * second is left to the end of the PID namespace. */
void process_tree_end(void);

#endif
