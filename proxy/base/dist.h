/* dist.h - how a delay varies: constant, uniform, normal, Pareto, or drawn from recorded
 * delays. Knows no stages. */
#ifndef WEDGE_BASE_DIST_H
#define WEDGE_BASE_DIST_H

#include "proxy/base/clock.h"
#include "proxy/base/err.h"
#include "proxy/base/rng.h"

#include <stdbool.h>

enum dist_kind { DIST_CONSTANT, DIST_UNIFORM, DIST_NORMAL, DIST_PARETO, DIST_RECORDED };

#define DIST_MAX (3600 * NS_PER_S) /* the longest delay that dist_sample returns */

/* Delays that were measured elsewhere, in ns. Zeroed: none. */
struct recorded {
	char *path;
	int64_t *delay;
	size_t n;
	int64_t longest;
};

/* Reads a file of one delay with its unit a line ("12.5ms"); empty lines and lines that begin with
 * # don't count. On failure *r keeps what it had. */
int recorded_load(struct recorded *r, const char *path, struct err *e) WG_MUSTUSE;
void recorded_fini(struct recorded *r);

struct dist {
	enum dist_kind kind;
	int64_t delay;	/* constant; mean of uniform and normal; the least of Pareto */
	int64_t jitter; /* half width of uniform, deviation of normal, mean excess of Pareto */
	double shape;	/* of Pareto, above 1 */
	bool clamps;	/* uniform: jitter may exceed delay, and what would be early is not late */
	const struct recorded *recorded;
};

/* Refuses a jitter that would have no effect or make a delay negative. */
int dist_check(const struct dist *d, struct err *e) WG_MUSTUSE;

/* Draws a delay from 0 to DIST_MAX, in ns. DIST_RECORDED without recorded delays is constant. */
int64_t dist_sample(const struct dist *d, struct rng *r);

/* Returns a delay, in ns, that hardly any sample exceeds. */
int64_t dist_long(const struct dist *d);

#endif
