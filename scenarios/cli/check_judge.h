/* check_judge.h - what a card is held against: --expect's file and --compare's earlier card, read
 * before anything is played. */
#ifndef WEDGE_SCENARIOS_CLI_CHECK_JUDGE_H
#define WEDGE_SCENARIOS_CLI_CHECK_JUDGE_H

#include "scenarios/check/card_expect.h"
#include "scenarios/cli/check_args.h"

struct check_judge {
	const struct check_args *args;
	struct card_expect *expect; /* NULL: not given */
	json_t *old;		    /* the same */
};

/* Reads both files, where they are given. -1 with *e. The caller frees *j in any case. */
int check_judge_init(struct check_judge *j, const struct check_args *a, struct err *e) WG_MUSTUSE;
void check_judge_fini(struct check_judge *j);

/* Puts into the card what isn't as expected, and what has changed; into one that can't be graded,
 * nothing. */
void check_judge_card(const struct check_judge *j, struct card *c);

/* Prints what the table doesn't say: what isn't as expected, what has changed, what to do. */
void check_judge_print(const struct card *c);

#endif
