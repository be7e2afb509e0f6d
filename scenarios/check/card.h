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
	json_t *runs;	  /* as card_run_json makes them */
	size_t wanted;	  /* runs that it is to have */
	size_t worst;	  /* index of the run that it is as good as */
	char *unexpected; /* how it isn't as expected; NULL: it is, or nothing was expected */
};

struct card {
	const struct check_plan *plan;
	char *command;	    /* as it was given */
	char *not_gradable; /* why there are no grades; NULL: there are */
	double healthy_seconds;
	uint64_t healthy_bytes;
	bool judged;	 /* against what was expected of it */
	json_t *compare; /* {"with": FILE, "changes": of card_compare.h}; NULL: with none */
	struct card_cell *cells;
	size_t n;
};

/* What one run has shown, as the card's files have it; a new reference. */
json_t *card_run_json(const struct hang_variant *v, const struct cell_facts *f,
		      const struct graded *g);

/* Adds the run to its cell, which takes the reference. */
void card_cell_add(struct card_cell *c, json_t *run);

/* Returns what to do about the cell's grade; NULL: nothing is wrong. The text stays. */
const char *card_cell_advice(const struct card *c, const struct card_cell *cell);

/* Returns how the runs of a cell that has several are spread, "4 DETECTED in 10.0 ms to 20.0 ms, 1
 * HUNG"; NULL: it has one, or none. The caller frees. */
char *card_cell_spread(const struct card_cell *c);

/* When all runs are there: a client that notices silence (T13) and not a trickle (T14) is blind for
 * that. */
void card_finish(struct card *c);

/* Returns how many cells are not as expected. */
size_t card_unexpected(const struct card *c);
void card_fini(struct card *c);

/* The whole card, as docs/check.md has it; a new reference. */
json_t *card_json(const struct card *c);

#endif
