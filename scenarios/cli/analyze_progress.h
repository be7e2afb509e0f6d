/* analyze_progress.h - how far a capture has been read and how long that will take, on a terminal
 * and when it lasts. Knows no captures. */
#ifndef WEDGE_SCENARIOS_CLI_ANALYZE_PROGRESS_H
#define WEDGE_SCENARIOS_CLI_ANALYZE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

struct analyze_progress {
	bool wanted;   /* standard error is a terminal */
	int64_t began; /* by the monotonic clock */
	int64_t next;  /* when to write again */
	bool written;  /* a line stands there */
};

void analyze_progress_begin(struct analyze_progress *p);

/* Writes the line anew, if it is time: bytes that were read of how many (0: not known). p is a
 * struct analyze_progress. */
void analyze_progress_show(void *p, uint64_t done, uint64_t size);

void analyze_progress_end(struct analyze_progress *p); /* takes the line away */

#endif
