/* run_announce.h - tells who watches a run what is played, and at the end what came of it. */
#ifndef WEDGE_SCENARIOS_RUN_RUN_ANNOUNCE_H
#define WEDGE_SCENARIOS_RUN_RUN_ANNOUNCE_H

#include "scenarios/base/run_news.h"
#include "scenarios/run/result.h"
#include "scenarios/scenario/scenario.h"

/* phases: the labels of those that will be run, in turn, n of them. news NULL: nobody watches. */
void run_announce_begin(const struct run_news *news, const struct scenario *s, uint64_t seed,
			const json_t *phases);

/* The verdict, its table, and what is documented beside what was measured. */
void run_announce_end(const struct run_news *news, const struct result *r);

#endif
