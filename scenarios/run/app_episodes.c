/* app_episodes.c - one walk over the exchanges, sorted by their start. */
#include "scenarios/run/app_episodes.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/run/app_exchange.h"

#include <stdbool.h>

struct outcome_at {
	double start, end;
	bool ok;
	size_t index;
};

static int compare_starts(const void *a, const void *b)
{
	const struct outcome_at *x = a, *y = b;

	if (x->start != y->start)
		return x->start > y->start ? 1 : -1;
	return x->index > y->index ? 1 : -1;
}

static struct outcome_at *sort_outcomes(const json_t *exchanges, size_t *n)
{
	struct outcome_at *list = xcalloc(json_array_size(exchanges) + 1, sizeof(*list));
	size_t i;
	json_t *x;

	json_array_foreach(exchanges, i, x) list[i] = (struct outcome_at){
	    .start = app_exchange_column(x, COL_START),
	    .end = app_exchange_column(x, COL_END),
	    .ok = app_exchange_column(x, COL_OK) != 0,
	    .index = i,
	};
	*n = json_array_size(exchanges);
	if (*n)
		qsort(list, *n, sizeof(*list), compare_starts);
	return list;
}

/* Adds a time from from to to. */
static void add_time(struct samples *out, double from, double to, double wall_offset)
{
	samples_add_at(out, to - from, clock_from_seconds(from + wall_offset));
}

/* Adds lengths and gaps. Returns the number of episodes. */
static size_t walk_episodes(const struct outcome_at *list, size_t n, double wall_offset,
			    struct samples *lengths, struct samples *gaps)
{
	double since = 0, over = 0; /* when an episode began, when the one before it ended */
	bool failing = false;
	size_t episodes = 0;

	for (size_t i = 0; i < n; i++) {
		if (failing != list[i].ok)
			continue;
		failing = !list[i].ok;
		if (failing) {
			since = list[i].start;
			if (episodes++)
				add_time(gaps, over, since, wall_offset);
		} else {
			over = list[i].start;
			add_time(lengths, since, over, wall_offset);
		}
	}
	if (failing)
		add_time(lengths, since, list[n - 1].end, wall_offset);
	return episodes;
}

void app_episodes_add(const json_t *exchanges, double wall_offset, enum app_episodes what,
		      struct samples *out)
{
	struct samples lengths = {0}, gaps = {0};
	struct outcome_at *list;
	size_t n, episodes;

	list = sort_outcomes(exchanges, &n);
	episodes = walk_episodes(list, n, wall_offset, what == EPISODE_LENGTH ? out : &lengths,
				 what == EPISODE_GAP ? out : &gaps);
	if (what == EPISODE_COUNT && n)
		samples_add(out, (double)episodes);
	for (size_t i = 0; what == EPISODE_OUTCOME && i < n; i++)
		samples_add_at(out, list[i].ok, clock_from_seconds(list[i].start + wall_offset));
	samples_free(&lengths);
	samples_free(&gaps);
	free(list);
}
