/* run_options.h - values that options of several commands have. */
#ifndef WEDGE_SCENARIOS_CLI_RUN_OPTIONS_H
#define WEDGE_SCENARIOS_CLI_RUN_OPTIONS_H

#include "proxy/base/addr.h"
#include "proxy/base/err.h"

#include <stdint.h>

#define RUN_JOBS_MAX 64 /* runs at a time */

/* Reads a whole number from least to most. -1 with *e, and *n may have another one. */
int run_option_count(const char *value, uint64_t least, uint64_t most, uint64_t *n,
		     struct err *e) WG_MUSTUSE;

/* Reads a seed, which JSON can hold. The same. */
int run_option_seed(const char *value, uint64_t *seed, struct err *e) WG_MUSTUSE;

/* Reads a place of this host's loopback, "[ADDR:]PORT". */
int run_option_watch(const char *value, struct addr *a, struct err *e) WG_MUSTUSE;

#endif
