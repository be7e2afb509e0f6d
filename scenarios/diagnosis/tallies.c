/* tallies.c - a tally is made with its first stall: most connections have few causes. */
#include "scenarios/diagnosis/tallies.h"

#include "proxy/base/mem.h"

static int64_t stall_length(const struct stall *s)
{
	return s->to - s->from;
}

static struct tally *get_tally(struct tallies *t, enum cause c)
{
	if (!t->of[c])
		t->of[c] = xcalloc(1, sizeof(*t->of[c]));
	return t->of[c];
}

static void note_examples(struct tally *x, const struct stall *s)
{
	if (!x->first.to)
		x->first = *s;
	if (!x->longest.to || stall_length(s) > stall_length(&x->longest))
		x->longest = *s;
}

void tallies_add(struct tallies *t, const struct stall *s)
{
	struct tally *x = get_tally(t, s->cause);

	durations_add(&x->lengths, stall_length(s));
	durations_add(&x->values, s->value ? s->value : stall_length(s));
	x->to_client += s->to_client;
	note_examples(x, s);
	if (!s->label)
		return;
	x->labelled++;
	x->label = s->label;
}

void tallies_move(struct tallies *t, const struct stall *s, enum cause to, bool to_client)
{
	struct tally *x = t->of[s->cause];
	struct stall moved = *s;

	durations_remove(&x->lengths, stall_length(s));
	durations_remove(&x->values, s->value ? s->value : stall_length(s));
	x->to_client -= s->to_client;
	x->labelled -= s->label != NULL;
	if (!x->lengths.n) {
		durations_fini(&x->lengths);
		durations_fini(&x->values);
		free(x);
		t->of[s->cause] = NULL;
	}
	moved.cause = to;
	moved.label = NULL;
	moved.to_client = to_client;
	tallies_add(t, &moved);
}

static void merge_tally(struct tallies *t, const struct tally *y, enum cause c)
{
	struct tally *x = get_tally(t, c);

	durations_merge(&x->lengths, &y->lengths);
	durations_merge(&x->values, &y->values);
	note_examples(x, &y->first);
	note_examples(x, &y->longest);
	x->to_client += y->to_client;
	x->labelled += y->labelled;
	x->label = y->label ? y->label : x->label;
}

void tallies_withdraw(struct tallies *t, enum cause from, enum cause to, const char *label)
{
	struct tally *x = t->of[from];

	if (!x)
		return;
	x->first.cause = x->longest.cause = to;
	x->first.label = x->longest.label = x->label = label;
	x->labelled = x->lengths.n;
	merge_tally(t, x, to);
	t->of[from] = NULL;
	durations_fini(&x->lengths);
	durations_fini(&x->values);
	free(x);
}

void tallies_merge(struct tallies *t, const struct tallies *other)
{
	for (int c = 0; c < CAUSE_COUNT; c++)
		if (other->of[c])
			merge_tally(t, other->of[c], (enum cause)c);
}

int64_t tallies_stalled(const struct tallies *t)
{
	int64_t total = 0;

	for (int c = 0; c < CAUSE_COUNT; c++)
		total = sum_of_times(total, t->of[c] ? t->of[c]->lengths.total : 0);
	return total;
}

int64_t tallies_lost(const struct tallies *t)
{
	int64_t total = 0;

	for (int c = 0; c < CAUSE_COUNT; c++)
		if (t->of[c] && cause_row((enum cause)c)->lost)
			total = sum_of_times(total, t->of[c]->lengths.total);
	return total;
}

enum cause tallies_worst(const struct tallies *t)
{
	enum cause worst = CAUSE_COUNT;

	for (int c = 0; c < CAUSE_COUNT; c++)
		if (t->of[c] && cause_row((enum cause)c)->lost &&
		    (worst == CAUSE_COUNT || t->of[c]->lengths.total > t->of[worst]->lengths.total))
			worst = (enum cause)c;
	return worst;
}

static bool goes_before(const struct tallies *t, enum cause a, enum cause b)
{
	if (cause_row(a)->lost != cause_row(b)->lost)
		return cause_row(a)->lost;
	return t->of[a]->lengths.total > t->of[b]->lengths.total;
}

size_t tallies_order(const struct tallies *t, enum cause order[CAUSE_COUNT])
{
	size_t n = 0, at;

	for (int c = 0; c < CAUSE_COUNT; c++) {
		if (!t->of[c])
			continue;
		for (at = n++; at > 0 && goes_before(t, (enum cause)c, order[at - 1]); at--)
			order[at] = order[at - 1];
		order[at] = (enum cause)c;
	}
	return n;
}

void tallies_fini(struct tallies *t)
{
	for (int c = 0; c < CAUSE_COUNT; c++) {
		if (!t->of[c])
			continue;
		durations_fini(&t->of[c]->lengths);
		durations_fini(&t->of[c]->values);
		free(t->of[c]);
		t->of[c] = NULL;
	}
}
