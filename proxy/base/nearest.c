/* nearest.c - edit distance over three rows, for names short enough to be typed. */
#include "proxy/base/nearest.h"

#include <stdio.h>
#include <string.h>

#define NAME_MAX_LEN 63

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Edits that make a of b: one character put in, left out, changed, or two neighbours swapped
 * (Damerau 1964, as optimal string alignment). Both are at most NAME_MAX_LEN long. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t rows[3][NAME_MAX_LEN + 1];
	size_t *before = rows[0], *last = rows[1], *now = rows[2];
	size_t len_a = strlen(a), len_b = strlen(b);

	for (size_t j = 0; j <= len_b; j++)
		before[j] = last[j] = j;
	for (size_t i = 1; i <= len_a; i++) {
		size_t *spare = before;

		now[0] = i;
		for (size_t j = 1; j <= len_b; j++) {
			now[j] = last[j - 1] + (a[i - 1] != b[j - 1]);
			now[j] = min_size(now[j], min_size(last[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = min_size(now[j], before[j - 2] + 1);
		}
		before = last;
		last = now;
		now = spare;
	}
	return last[len_b];
}

const char *nearest_name(const char *wrong, const char *const *names)
{
	size_t len = strlen(wrong);
	size_t limit = len / 3 + 1; /* with that much wrong, something else was meant */
	const char *best = NULL;

	if (len == 0 || len > NAME_MAX_LEN)
		return NULL;
	for (; *names; names++) {
		size_t distance;

		if (strlen(*names) > NAME_MAX_LEN)
			continue;
		distance = edit_distance(wrong, *names);
		if (distance < limit) {
			best = *names;
			limit = distance;
		}
	}
	return best;
}

const char *nearest_hint(char buf[NEAREST_HINT], const char *near)
{
	buf[0] = '\0';
	if (near)
		snprintf(buf, NEAREST_HINT, " (did you mean '%s'?)", near);
	return buf;
}
