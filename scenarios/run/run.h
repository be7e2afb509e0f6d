/* run.h - runs a scenario: from its phases to a judged result. */
#ifndef WEDGE_SCENARIOS_RUN_RUN_H
#define WEDGE_SCENARIOS_RUN_RUN_H

#include "scenarios/base/run_news.h"
#include "scenarios/run/result.h"
#include "scenarios/scenario/scenario.h"

struct run_options {
	const char *folder;	   /* absolute: captures and journal go here */
	const char *command;	   /* the command line, for the report */
	const char *const *phases; /* only these, NULL-terminated; NULL: all */
	uint64_t seed;
	int log_level;		     /* enum log_level, of the engine */
	const struct run_news *news; /* told how the run goes on; NULL: nobody watches */
};

/* Runs every phase (for every swept value), measures, judges. The verdict is invalid, with its
 * reason, when something of the laboratory failed. The caller frees the result (result_free). NULL
 * with *e when nothing could be run. */
struct result *run_scenario(const struct scenario *s, const struct run_options *o,
			    struct err *e) WG_MUSTUSE;

#endif
