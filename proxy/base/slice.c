/* slice.c - a proxy and a lab's processes wait for packets and timers most of the time, and the
 * wire shows it when they wait for a processor, too. Beside two busy processes on each of two
 * processors 5 % of F01's ACKs left 1 to 21 ms late, with short slices 1 to 7 ms. */
#include "proxy/base/slice.h"

#include "proxy/base/clock.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel takes 0.1 ms and more (sched_attr.sched_runtime of SCHED_OTHER, sched(7)). A loop
 * waits awake for a sharp timer during 0.25 ms: with a slice shorter than that each hold ended 0.07
 * ms later on an idle machine. */
#define SLICE (300 * NS_PER_US)

/* struct sched_attr of sched_setattr(2), which not every libc declares. */
struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period; /* ns */
};

/* Older kernels take the call and keep no slice: what they have kept tells. */
double slice_ask(void)
{
	struct attributes a = {.size = sizeof(a)};

	/* Who runs it by another policy means that. */
	if (syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0) == -1 || a.policy != SCHED_OTHER)
		return 0;
	a.runtime = SLICE;
	if (syscall(SYS_sched_setattr, 0, &a, 0) == -1 ||
	    syscall(SYS_sched_getattr, 0, &a, sizeof(a), 0) == -1 || a.runtime != SLICE)
		return 0;
	return clock_seconds(SLICE);
}
