/* processors.c - the affinity says it; a control group's share of them isn't looked at. */
#include "proxy/base/processors.h"

#include <sched.h>

size_t processors_count(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) == -1 || CPU_COUNT(&set) < 1)
		return 1;
	return (size_t)CPU_COUNT(&set);
}
