/* registry.c - the table of built-in workloads, from list.h. */
#include "scenarios/workload/workload.h"

#include <string.h>

#define X(symbol) extern const struct workload symbol;
#include "scenarios/workload/list.h"
#undef X

const struct workload *const workloads[] = {
#define X(symbol) &symbol,
#include "scenarios/workload/list.h"
#undef X
    NULL,
};

const struct workload *workload_find(const char *name)
{
	for (size_t i = 0; workloads[i]; i++)
		if (!strcmp(workloads[i]->name, name))
			return workloads[i];
	return NULL;
}
