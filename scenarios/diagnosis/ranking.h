/* ranking.h - the connections that lost the most time, up to a number of them. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_RANKING_H
#define WEDGE_SCENARIOS_DIAGNOSIS_RANKING_H

#include "scenarios/analysis/wire_connection.h"
#include "scenarios/diagnosis/tallies.h"

struct ranked {
	struct wire_connection wire; /* its counts; the lists are empty */
	struct tallies tallies;
	int64_t begin, end, lost;
};

struct ranking {
	struct ranked *list; /* most time lost first; of equals, the earlier first */
	size_t n, max;
};

void ranking_init(struct ranking *r, size_t max);

/* Takes the connection, with what its tallies hold (they are empty then), or leaves it when there
 * are enough that lost more. */
void ranking_take(struct ranking *r, const struct wire_connection *w, struct tallies *t,
		  int64_t begin, int64_t end);
void ranking_fini(struct ranking *r);

#endif
