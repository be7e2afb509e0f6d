/* answer.c - the seal says what was played; what a guess is worth beside it, the captures do. */
#include "scenarios/blind/answer.h"

#include "proxy/base/mem.h"
#include "scenarios/blind/folder.h"
#include "scenarios/blind/seal.h"

#define RANKED 10 /* connections; the page shows none */

static int read_capture(struct answer *a, const char *name, struct err *e)
{
	const struct diagnosis_question q = {.ranked = RANKED, .each = true};
	char *path = xasprintf("%s/%s", a->folder, name);
	int rc = diagnosis_ask(path, &q, &a->found[a->nfound], e);

	a->nfound += rc == 0;
	free(path);
	return rc;
}

/* The guess is tried first: who is right needs to wait for one hash only. */
static int find_truth(const struct seal *seal, struct answer *a, struct err *e)
{
	const struct catalog *c = &a->matches.catalog;

	if (a->guess && seal_fits(seal, a->guess->name))
		a->truth = a->guess;
	for (size_t i = 0; i < c->n && !a->truth; i++)
		if (c->list[i] != a->guess && seal_fits(seal, c->list[i]->name))
			a->truth = c->list[i];
	if (a->truth)
		return 0;
	return err_set(e,
		       "the folder '%s': no failure of this catalogue is what was sealed: '%s' was "
		       "edited, or it was made with another catalogue (--catalog)",
		       a->folder, SEAL_FILE);
}

/* Returns how many conditions of its signature hold where all do; 0: they don't. */
static size_t count_fitting(const struct matches *m, const struct scenario *s)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->list[i].scenario == s)
			return m->list[i].kind == MATCH_FITS ? m->list[i].holds : 0;
	return 0;
}

/* Finds what the captures show that the guess, which they fit, doesn't explain. Where both of a
 * family fit, the one that says more of the captures is told from the other; what was played, if
 * both say as much, but not the same. */
static void find_beyond(struct answer *a)
{
	struct against guess;

	if (count_fitting(&a->matches, a->truth) < count_fitting(&a->matches, a->guess))
		return;
	against_make(a->guess, &a->matches, &guess);
	against_make(a->truth, &a->matches, &a->beyond);
	against_subtract(&a->beyond, &guess);
	against_fini(&guess);
}

static enum answer_verdict judge_guess(struct answer *a)
{
	if (!a->guess)
		return ANSWER_GIVEN_UP;
	if (a->guess == a->truth)
		return ANSWER_RIGHT;
	if (!match_is_family(a->truth, a->guess))
		return ANSWER_WRONG;
	if (!count_fitting(&a->matches, a->guess))
		return ANSWER_FAMILY;
	find_beyond(a);
	return a->beyond.n ? ANSWER_FAMILY : ANSWER_UNTOLD;
}

int answer_make(const char *folder, const char *word, const char *catalog, metric_known_fn *known,
		struct answer *a, struct err *e)
{
	struct seal *seal;
	int rc;

	*a = (struct answer){.folder = folder};
	seal = seal_open(folder, blind_files, BLIND_FILES, e);
	if (!seal)
		return -1;
	rc = read_capture(a, BLIND_CLIENT, e);
	if (rc == 0)
		rc = read_capture(a, BLIND_SERVER, e);
	if (rc == 0)
		rc = matches_make_pair(&a->found[0], &a->found[1], catalog, known, &a->matches, e);
	if (rc == 0 && word) {
		a->guess = catalog_find(&a->matches.catalog, word, e);
		rc = a->guess ? 0 : -1;
	}
	if (rc == 0)
		rc = find_truth(seal, a, e);
	if (rc == 0)
		a->verdict = judge_guess(a);
	seal_free(seal);
	return rc;
}

bool answer_is_right(const struct answer *a)
{
	return a->verdict == ANSWER_RIGHT || a->verdict == ANSWER_UNTOLD;
}

void answer_fini(struct answer *a)
{
	for (size_t i = 0; i < a->nfound; i++)
		diagnosis_fini(&a->found[i]);
	against_fini(&a->beyond);
	matches_fini(&a->matches);
	*a = (struct answer){NULL};
}
