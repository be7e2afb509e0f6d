/* card.h - all grades of one command: a cell for each hang point, from its runs. Knows no lab. */
#ifndef WEDGE_SCENARIOS_CHECK_CARD_H
#define WEDGE_SCENARIOS_CHECK_CARD_H

#include "scenarios/check/grade.h"

#include <jansson.h>

struct card_cell {
	const struct hang_point *point;
	enum grade grade; /* of its worst run */
	char letter;
	double seconds; /* of that run; NAN: not told */
	uint64_t bytes;
	char *why;
	json_t *runs;  /* as card_run_json makes them */
	size_t wanted; /* runs that it is to have */
};

struct card {
	const struct check_plan *plan;
	char *command;	    /* as it was given */
	char *not_gradable; /* why there are no grades; NULL: there are */
	double healthy_seconds;
	uint64_t healthy_bytes;
	struct card_cell *cells;
	size_t n;
};

/* What one run has shown, as the card's files have it; a new reference. */
json_t *card_run_json(const struct hang_variant *v, const struct cell_facts *f,
		      const struct graded *g);

/* Adds the run to its cell, which takes the reference. */
void card_cell_add(struct card_cell *c, json_t *run);

/* When all runs are there: a client that notices silence (T13) and not a trickle (T14) is blind for
 * that. */
void card_finish(struct card *c);
void card_fini(struct card *c);

/* The whole card: {"version", "command", "protocol", "limit", "seed", "healthy": {...}, "cells":
 * [{"id", "grade", "letter", "seconds", "bytes", "why", "runs"}]}; a new reference. */
json_t *card_json(const struct card *c);

#endif
