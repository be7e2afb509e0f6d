/* told.c - frames are what tshark shows by a signature's filter; waits are as the engine found
 * them. */
#include "scenarios/blind/told.h"

#include "proxy/base/mem.h"
#include "scenarios/blind/folder.h"
#include "scenarios/blind/look.h"

#include <string.h>

const char *told_capture(size_t side)
{
	return side ? BLIND_SERVER : BLIND_CLIENT;
}

/* Returns the file of a blind folder that a signature means by "impaired-server"; NULL: none. */
static const char *find_capture(const struct signature *g)
{
	if (!g->capture || !g->filter || strstr(g->filter, "frame.comment"))
		return NULL; /* comments were left out, since they tell */
	if (strncmp(g->capture, "impaired-", strlen("impaired-")) != 0)
		return NULL;
	return told_capture(strcmp(strrchr(g->capture, '-'), "-server") == 0);
}

/* Takes the signs; where the captures are another failure's, what a filter shows there is none. */
static void take_signs(struct told *t)
{
	t->signs = xcalloc(t->one->nsignatures + 1, sizeof(*t->signs));
	for (size_t i = 0; i < t->one->nsignatures; i++) {
		const struct signature *g = &t->one->signatures[i];
		struct told_sign *s = &t->signs[t->nsigns];

		if (g->hint)
			continue;
		t->nsigns++;
		s->text = g->text;
		s->capture = t->truth ? find_capture(g) : NULL;
		if (!s->capture)
			continue;
		s->filter = g->filter;
		s->frames = look_frames(t->answer->folder, s->capture, s->filter, &s->found);
	}
}

static bool is_longer(const struct proof *x, const struct proof *y)
{
	return x->stall.to - x->stall.from > y->stall.to - y->stall.from;
}

/* A user's own pauses are waits that prove nothing. */
static bool is_lost(const struct proof *x)
{
	return cause_row(x->stall.cause)->lost;
}

/* Finds the longest waits that lost time; returns how many. */
static size_t longest_waits(const struct proofs *all, const struct proof *list[TOLD_WAITS])
{
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		const struct proof *x = &all->list[i];
		size_t k;

		if (!is_lost(x))
			continue;
		k = n < TOLD_WAITS ? n++ : TOLD_WAITS - 1;
		if (list[k] && !is_longer(x, list[k]))
			continue;
		for (; k > 0 && is_longer(x, list[k - 1]); k--)
			list[k] = list[k - 1];
		list[k] = x;
	}
	return n;
}

size_t told_lost_waits(const struct answer *a, size_t side)
{
	const struct proofs *all = &a->found[side].proofs;
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++)
		n += is_lost(&all->list[i]);
	return n;
}

void told_make(const struct answer *a, struct told *t)
{
	bool truth = a->verdict != ANSWER_WRONG && a->verdict != ANSWER_FAMILY;

	*t = (struct told){.answer = a, .truth = truth, .one = truth ? a->truth : a->guess};
	take_signs(t);
	against_make(t->one, &a->matches, &t->conditions);
	for (size_t side = 0; truth && side < a->nfound; side++)
		t->nwaits[side] = longest_waits(&a->found[side].proofs, t->waits[side]);
}

void told_fini(struct told *t)
{
	for (size_t i = 0; i < t->nsigns; i++)
		free(t->signs[i].frames);
	free(t->signs);
	against_fini(&t->conditions);
	*t = (struct told){NULL};
}
