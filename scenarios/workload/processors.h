/* processors.h - a server's processors, each of which does one request after the other: when a
 * request is done follows from those that came before it, whenever anybody looks. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_PROCESSORS_H
#define WEDGE_SCENARIOS_WORKLOAD_PROCESSORS_H

#include <stddef.h>
#include <stdint.h>

struct processors {
	size_t n;	  /* 0: as many as there are requests */
	int64_t *free_at; /* of each: when it has done all that it was given, ns */
};

void processors_init(struct processors *p, size_t n);
void processors_fini(struct processors *p);

/* Gives a request that needs service (ns) to the processor that is free first. Returns when it is
 * done. */
int64_t processors_take(struct processors *p, int64_t now, int64_t service);

#endif
