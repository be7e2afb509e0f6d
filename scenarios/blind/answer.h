/* answer.h - a guess about a blind folder: right or not, and what its captures say of it when they
 * are analysed once more. */
#ifndef WEDGE_SCENARIOS_BLIND_ANSWER_H
#define WEDGE_SCENARIOS_BLIND_ANSWER_H

#include "scenarios/match/against.h"

enum answer_verdict {
	ANSWER_RIGHT,
	ANSWER_UNTOLD, /* one of the family, which these captures fit no less: it counts as right */
	ANSWER_FAMILY, /* one of the family, and the captures tell that it is another */
	ANSWER_WRONG,
	ANSWER_GIVEN_UP, /* nothing was guessed */
};

struct answer {
	const char *folder; /* the caller's */
	enum answer_verdict verdict;
	const struct scenario *guess, *truth; /* guess NULL: given up */
	struct diagnosis found[2];	      /* of the client's side, of the server's */
	size_t nfound;			      /* of these that were made */
	struct matches matches;
	/* Of ANSWER_FAMILY, where the captures fit the guess: what they show that it doesn't
	 * explain. */
	struct against beyond;
};

/* Compares the word (NULL: to be told without a guess) with the folder's seal, and its captures
 * with the catalogue. The caller frees *a with answer_fini, in every case. known: as for
 * scenario_load. -1 with *e: the folder isn't whole, or the word or the seal is nothing of this
 * catalogue. */
int answer_make(const char *folder, const char *word, const char *catalog, metric_known_fn *known,
		struct answer *a, struct err *e) WG_MUSTUSE;
void answer_fini(struct answer *a);

/* Returns whether the guess counts as right. */
bool answer_is_right(const struct answer *a);

#endif
