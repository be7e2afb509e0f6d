/* app_episodes.h - when an application saw its service fail and work again: the runs of failed
 * exchanges in the order in which exchanges began. */
#ifndef WEDGE_SCENARIOS_RUN_APP_EPISODES_H
#define WEDGE_SCENARIOS_RUN_APP_EPISODES_H

#include "scenarios/base/stats.h"

#include <jansson.h>

/* The figures of episodes. An episode begins with the start of its first failed exchange and ends
 * with the start of the next exchange that succeeds, or, when none does, with the end of its last.
 */
enum app_episodes {
	EPISODE_COUNT,	 /* how many, one sample */
	EPISODE_LENGTH,	 /* seconds of each */
	EPISODE_GAP,	 /* seconds from the end of one to the beginning of the next */
	EPISODE_OUTCOME, /* 1 or 0 for each exchange: succeeded, failed */
};

/* Adds the figures to *out, with their times in wall-clock nanoseconds, wall_offset seconds ahead
 * of the exchanges' (workload.h). */
void app_episodes_add(const json_t *exchanges, double wall_offset, enum app_episodes what,
		      struct samples *out);

#endif
