/* progress.h - the progress of a run for people, on stderr, and for who watches: phase, elapsed
 * time, exchanges. */
#ifndef WEDGE_SCENARIOS_RUN_PROGRESS_H
#define WEDGE_SCENARIOS_RUN_PROGRESS_H

#include "scenarios/base/run_news.h"

#include <stdbool.h>
#include <stdint.h>

struct progress {
	bool tty;
	const char *scenario;
	char phase[64];
	unsigned index, count; /* phase index (from 1) of count */
	int64_t phase_started, last_shown, last_told;
	uint64_t exchanges, expected; /* expected 0: not known */
	const struct run_news *news;  /* told the same; NULL: nobody watches */
};

void progress_init(struct progress *p, const char *scenario, unsigned count,
		   const struct run_news *news);
void progress_phase(struct progress *p, const char *name,
		    uint64_t expected); /* begins the next phase */
void progress_update(struct progress *p,
		     uint64_t exchanges); /* shows at most 5 (no tty: 0.2) a second */
/* Corrects the number by what the phase's end has told; shows nothing. */
void progress_count(struct progress *p, uint64_t exchanges);
void progress_phase_done(struct progress *p, const char *summary);

#endif
