/* slice.h - how soon this process runs when it wakes up beside others of the machine. */
#ifndef WEDGE_BASE_SLICE_H
#define WEDGE_BASE_SLICE_H

/* Asks the kernel for short slices for this process and those that it will start: who asks for
 * little at a time runs sooner (Linux 6.12). Returns the slice in seconds, 0 where the kernel knows
 * no such wish. */
double slice_ask(void);

#endif
