/* clock_align.c - in each window of time the quickest packets of both directions enclose the
 * difference; a line through the middles is the drift. */
#include "scenarios/pairs/clock_align.h"

#include "proxy/base/clock.h"

#include <math.h>
#include <string.h>

/* Less time than this shows no drift that matters: 100 ppm are 1 ms. */
#define DRIFT_SPAN_MIN (10 * NS_PER_S)

/* Twice what NTP slews by at most (500 ppm, RFC 5905): no crystal is worse. */
#define DRIFT_MAX 1e-3
#define BACK_MAX  1e6 /* ns: the disorder of a capture's stamps */

void align_init(struct clock_align *c, int64_t begin, int64_t span)
{
	memset(c, 0, sizeof(*c));
	c->begin = begin;
	c->span = span > 0 ? span : 1;
}

void align_add(struct clock_align *c, enum dir dir, int64_t a, int64_t b)
{
	double place = (double)(a - c->begin) / (double)c->span * ALIGN_WINDOWS;
	int64_t took = dir == DIR_UPSTREAM ? b - a : a - b;
	size_t i;

	if (place < 0 || place > ALIGN_WINDOWS)
		return;
	i = place >= ALIGN_WINDOWS ? ALIGN_WINDOWS - 1 : (size_t)place;
	if (c->windows[i].seen[dir] && c->windows[i].least[dir] <= took)
		return;
	c->windows[i].seen[dir] = true;
	c->windows[i].least[dir] = took;
	c->windows[i].at[dir] = a;
}

/* The middle of what window i allows, when, and how far it may be off. */
static bool window_middle(const struct clock_align *c, size_t i, double *x, double *y, double *half)
{
	const int64_t *least = c->windows[i].least;

	if (!c->windows[i].seen[DIR_UPSTREAM] || !c->windows[i].seen[DIR_DOWNSTREAM])
		return false;
	*x = ((double)(c->windows[i].at[0] - c->begin) + (double)(c->windows[i].at[1] - c->begin)) /
	     2;
	*y = ((double)least[DIR_UPSTREAM] - (double)least[DIR_DOWNSTREAM]) / 2;
	*half = ((double)least[DIR_UPSTREAM] + (double)least[DIR_DOWNSTREAM]) / 2;
	return true;
}

/* Least squares, each window by the inverse of its square width: a narrow one knows more. */
static void fit_drift(struct clock_align *c)
{
	double sw = 0, sx = 0, sy = 0, sxx = 0, sxy = 0, x, y, half, w, det;

	for (size_t i = 0; i < ALIGN_WINDOWS; i++) {
		if (!window_middle(c, i, &x, &y, &half))
			continue;
		half = fabs(half) > 1000 ? fabs(half) : 1000;
		w = 1 / (half * half);
		sw += w;
		sx += w * x;
		sy += w * y;
		sxx += w * x * x;
		sxy += w * x * y;
	}
	det = sw * sxx - sx * sx;
	c->drift = 0;
	c->offset = sy / sw;
	if (c->points < 3 || c->span < DRIFT_SPAN_MIN || det <= 0)
		return;
	c->drift = (sw * sxy - sx * sy) / det;
	c->offset = (sy - c->drift * sx) / sw;
}

void align_one_clock(struct clock_align *c)
{
	c->offset = c->drift = c->error = 0;
	c->points = 1;
}

bool align_solve(struct clock_align *c)
{
	double x, y, half, least = INFINITY, off = 0;

	c->points = 0;
	for (size_t i = 0; i < ALIGN_WINDOWS; i++)
		c->points += window_middle(c, i, &x, &y, &half);
	if (!c->points)
		return false;
	fit_drift(c);
	for (size_t i = 0; i < ALIGN_WINDOWS; i++) {
		if (!window_middle(c, i, &x, &y, &half))
			continue;
		least = fmin(least, fabs(half));
		off = fmax(off, fabs(y - c->offset - c->drift * x) - fabs(half));
	}
	/* The narrowest window bounds the middle; where the line leaves a window, by that more. */
	c->error = least + (off > 0 ? off : 0);
	return true;
}

bool align_is_possible(const struct clock_align *c)
{
	double room = BACK_MAX + DRIFT_MAX * (double)c->span / ALIGN_WINDOWS, x, y, half;
	unsigned backwards = 0;

	for (size_t i = 0; i < ALIGN_WINDOWS; i++)
		backwards += window_middle(c, i, &x, &y, &half) && 2 * half < -room;
	return 2 * backwards <= c->points && fabs(c->drift) <= DRIFT_MAX;
}

int64_t align_to_first(const struct clock_align *c, int64_t b)
{
	double since = (double)(b - c->begin) - c->offset;

	return c->begin + (int64_t)llround(since / (1 + c->drift));
}

int64_t align_to_second(const struct clock_align *c, int64_t a)
{
	return a + (int64_t)llround(c->offset + c->drift * (double)(a - c->begin));
}
