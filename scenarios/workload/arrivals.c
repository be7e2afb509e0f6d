/* arrivals.c - what is drawn doesn't depend on when the last one came, so that a seed draws the
 * same. */
#include "scenarios/workload/arrivals.h"

#include "proxy/base/mem.h"

#include <stdlib.h>
#include <string.h>

const char *const arrivals_names[] = {"even", "poisson", NULL};

static int parse_rate(const char *text, int64_t *every, struct err *e)
{
	char *unit;
	double n = strtod(text, &unit), seconds = 1;

	if (strcmp(unit, "/min") == 0)
		seconds = 60;
	else if (strcmp(unit, "/s") != 0 && (*unit || n != 0))
		unit = (char *)text;
	if (unit == text || !(n >= 0) || (n > 0 && (n / seconds > 1e5 || n / seconds < 1e-3)))
		return err_set(
		    e,
		    "'%.40s' is no rate of requests; 20/s or 90/min, up to 100000/s, or 0 "
		    "is accepted",
		    text);
	*every = n > 0 ? (int64_t)(seconds / n * 1e9) : 0;
	return 0;
}

int arrivals_check_rate(const char *text, struct err *e)
{
	int64_t every;

	return parse_rate(text, &every, e);
}

static int64_t every_of(const char *rate)
{
	int64_t every = 0;

	BUG_ON(rate && parse_rate(rate, &every, NULL) == -1);
	return every;
}

void arrivals_begin(struct arrivals *a, const char *rate, uint64_t n, int64_t now)
{
	a->every = every_of(rate);
	a->left = n;
	a->at = now;
}

int64_t arrivals_gap(struct arrivals *a, enum arrivals_kind kind, int64_t mean)
{
	return kind == ARRIVALS_EVEN ? mean : (int64_t)rng_exponential(&a->gaps, (double)mean);
}

bool arrivals_watch(const struct arrivals *a, int64_t *due)
{
	if (!a->every || !a->left)
		return false;
	if (a->at < *due)
		*due = a->at;
	return true;
}

bool arrivals_came(const struct arrivals *a, int64_t now)
{
	return a->every && a->left && a->at <= now;
}

void arrivals_next(struct arrivals *a, enum arrivals_kind kind, bool endless)
{
	a->at += arrivals_gap(a, kind, a->every);
	if (!endless)
		a->left--;
}

/* The last one came at a->at - before; the next one keeps the new distance to it. */
bool arrivals_set_rate(struct arrivals *a, const char *rate, enum arrivals_kind kind, int64_t now)
{
	int64_t before = a->every, next;

	a->every = every_of(rate);
	if (before == a->every)
		return false;
	if (!a->every)
		return true;
	next = kind == ARRIVALS_POISSON ? now + arrivals_gap(a, kind, a->every)
	       : before			? a->at - before + a->every
					: now;
	a->at = next > now ? next : now;
	return true;
}
