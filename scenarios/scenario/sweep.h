/* sweep.h - one parameter varied over a list of values, in memory. */
#ifndef WEDGE_SCENARIOS_SCENARIO_SWEEP_H
#define WEDGE_SCENARIOS_SCENARIO_SWEEP_H

#include "proxy/base/err.h"

#include <stddef.h>

/* One parameter varied over a list of values; every phase is run once for each value. */
struct sweep {
	char *key; /* "client.exchanges" */
	char **values;
	double *numbers; /* the values in seconds, bytes, fractions, counts */
	size_t n;
};

void sweep_fini(struct sweep *s);

/* Replaces the values by those of a list, "10,20,50": two at least, each once. On -1 they stay. */
int sweep_set_values(struct sweep *s, const char *list, struct err *e) WG_MUSTUSE;

#endif
