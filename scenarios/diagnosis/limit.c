/* limit.c - the number with the fewest errors, and what must hold for it to be a limit. */
#include "scenarios/diagnosis/limit.h"

#include "proxy/base/mem.h"

#include <string.h>

#define ERRORS_MOST  0.05 /* docs/rules.md, R8 */
#define FAILED_LEAST 3
#define AGAIN_LEAST  3

uint32_t limit_begin(struct limit *x)
{
	return x->open++;
}

void limit_end(struct limit *x)
{
	if (x->open)
		x->open--;
}

void limit_hear(struct limit *x, int64_t at)
{
	x->said_at = at;
}

static struct limit_tries *get_tries(struct limit *x, uint32_t open)
{
	if (open >= x->room) {
		size_t room = 2 * (size_t)open + 8;

		x->by = xrealloc(x->by, room, sizeof(*x->by));
		memset(x->by + x->room, 0, (room - x->room) * sizeof(*x->by));
		x->room = room;
	}
	return &x->by[open];
}

void limit_succeed(struct limit *x, uint32_t open, int64_t at)
{
	struct limit_tries *t = get_tries(x, open);

	t->good++;
	t->good_again += x->first_bad && at > x->first_bad;
}

void limit_fail(struct limit *x, uint32_t open, int64_t at, uint32_t connection,
		const uint32_t frames[FINDING_FRAMES])
{
	get_tries(x, open)->bad++;
	if (!x->first_bad) {
		x->first_bad = at;
		x->connection = connection;
		memcpy(x->frames, frames, sizeof(x->frames));
	}
	x->goes_on = x->goes_on || x->said_at > x->first_bad;
	x->last_bad = at;
}

/* Sums of the tries that met fewer open connections than a number. */
struct limit_below {
	uint64_t good, bad, again;
};

static struct limit_below count_tries(const struct limit *x, size_t number)
{
	struct limit_below n = {0};

	for (size_t i = 0; i < x->room && i < number; i++) {
		n.good += x->by[i].good;
		n.bad += x->by[i].bad;
		n.again += x->by[i].good_again;
	}
	return n;
}

/* Returns the number that leaves the fewest tries unexplained, the lowest of several. */
static uint32_t find_number(const struct limit *x, uint64_t *errors)
{
	struct limit_below all = count_tries(x, x->room), below = {0};
	uint32_t found = 0;

	*errors = UINT64_MAX;
	for (size_t i = 0; i < x->room; i++) {
		uint64_t n;

		below.good += x->by[i].good;
		below.bad += x->by[i].bad;
		n = below.bad + all.good - below.good;
		if (n >= *errors)
			continue;
		*errors = n;
		found = (uint32_t)i + 1;
	}
	return found;
}

uint32_t limit_find(const struct limit *x, bool *freed)
{
	uint64_t errors;
	uint32_t number;
	struct limit_below all, below;

	if (!x->goes_on)
		return 0; /* the server may have been gone, and none of its connections open */
	number = find_number(x, &errors);
	all = count_tries(x, x->room);
	below = count_tries(x, number);
	*freed = below.again >= AGAIN_LEAST;
	if (all.bad - below.bad < FAILED_LEAST || below.good < AGAIN_LEAST)
		return 0;
	return (double)errors > ERRORS_MOST * (double)(all.good + all.bad) ? 0 : number;
}

void limit_fini(struct limit *x)
{
	free(x->by);
	*x = (struct limit){0};
}
