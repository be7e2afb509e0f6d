/* card_advice.h - all the advice that a card needs, each once, for people to read. */
#ifndef WEDGE_SCENARIOS_CHECK_CARD_ADVICE_H
#define WEDGE_SCENARIOS_CHECK_CARD_ADVICE_H

#include "scenarios/check/card.h"

struct card_advice_list {
	struct card_advice_line {
		const char *text;
		char *ids; /* the points that it is for: "T13, T14" */
	} * v;
	size_t n;
};

/* The caller frees the list with card_advice_list_fini. */
void card_advice_gather(const struct card *c, struct card_advice_list *l);
void card_advice_list_fini(struct card_advice_list *l);

#endif
