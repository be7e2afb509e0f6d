/* processors.c - one queue in order of arrival before all processors (D. G. Kendall's G/D/n). */
#include "scenarios/workload/processors.h"

#include "proxy/base/mem.h"

#include <stdlib.h>

void processors_init(struct processors *p, size_t n)
{
	*p = (struct processors){.n = n, .free_at = n ? xcalloc(n, sizeof(*p->free_at)) : NULL};
}

void processors_fini(struct processors *p)
{
	free(p->free_at);
	*p = (struct processors){.n = 0};
}

int64_t processors_take(struct processors *p, int64_t now, int64_t service)
{
	size_t first = 0;

	if (!p->n)
		return now + service;
	for (size_t i = 1; i < p->n; i++)
		if (p->free_at[i] < p->free_at[first])
			first = i;
	if (p->free_at[first] < now)
		p->free_at[first] = now;
	p->free_at[first] += service;
	return p->free_at[first];
}
