/* registry.c - list.h twice: once as declarations, once as rows. */
#include "scenarios/workload/registry.h"

#include <string.h>

#define X(symbol) extern const struct workload symbol;
#include "scenarios/workload/list.h"
#undef X

#define X(symbol) &symbol,
const struct workload *const workloads[] = {
#include "scenarios/workload/list.h"
    NULL,
};
#undef X

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
