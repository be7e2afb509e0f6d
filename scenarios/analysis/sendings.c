/* sendings.c - most segments are appended; one that was sent again cuts its place out of the
 * middle.
 */
#include "scenarios/analysis/sendings.h"

#include "proxy/base/mem.h"

#include <string.h>

/* Returns the index of the first sending that ends beyond seq. */
static size_t find_sending(const struct sendings *s, uint64_t seq)
{
	size_t low = 0, high = s->n;

	if (s->n && s->list[s->n - 1].end <= seq)
		return s->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->list[middle].end <= seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Puts n sendings in the place of those from first to last - 1. */
static void replace_sendings(struct sendings *s, size_t first, size_t last,
			     const struct sending *with, size_t n)
{
	size_t wanted = s->n - (last - first) + n;

	if (wanted > s->room) {
		s->room = s->room ? s->room * 2 + 2 : 8;
		s->list = xrealloc(s->list, s->room, sizeof(*s->list));
	}
	memmove(s->list + first + n, s->list + last, (s->n - last) * sizeof(*s->list));
	if (n)
		memcpy(s->list + first, with, n * sizeof(*with));
	s->n = wanted;
}

bool sendings_take(struct sendings *s, uint64_t start, uint64_t end, int64_t at, bool resent,
		   struct sending *before)
{
	struct sending parts[3];
	size_t first = find_sending(s, start), last = first, n = 0;
	bool had = first < s->n && s->list[first].start <= start;

	*before = had ? s->list[first] : (struct sending){.at = 0};
	while (last < s->n && s->list[last].start < end)
		last++;
	if (had && before->start < start) {
		parts[n] = *before;
		parts[n++].end = start;
	}
	parts[n++] = (struct sending){
	    .start = start,
	    .end = end,
	    .at = at,
	    .gap = had ? at - before->at : 0,
	    .resent = resent,
	};
	if (last > first && s->list[last - 1].end > end) {
		parts[n] = s->list[last - 1];
		parts[n++].start = end;
	}
	replace_sendings(s, first, last, parts, n);
	return had;
}

bool sendings_any_resent(const struct sendings *s, uint64_t start, uint64_t end)
{
	for (size_t i = find_sending(s, start); i < s->n && s->list[i].start < end; i++)
		if (s->list[i].resent)
			return true;
	return false;
}

void sendings_forget(struct sendings *s, uint64_t below)
{
	if (s->n < 16 || s->list[s->n / 2].end > below)
		return;
	replace_sendings(s, 0, find_sending(s, below), NULL, 0);
}

void sendings_fini(struct sendings *s)
{
	free(s->list);
	*s = (struct sendings){.list = NULL};
}
