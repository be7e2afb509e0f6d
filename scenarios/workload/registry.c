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

const struct param *workload_params(const struct workload *w, bool server)
{
	static const struct param none[] = {P_END};

	if (!w)
		return none;
	return server ? w->server_params : w->client_params;
}
