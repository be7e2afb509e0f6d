/* rng.h - randomness as a pure function: decision k of stage s in session n for one run seed. */
#ifndef WEDGE_BASE_RNG_H
#define WEDGE_BASE_RNG_H

#include "proxy/base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct rng {
	uint64_t seed;	  /* of the run */
	uint64_t stage;	  /* which stage of the configuration */
	uint64_t session; /* of which session; 0 where none is concerned */
	uint64_t k;	  /* decisions taken so far */
};

/* Draws a new seed from the kernel, of 32 bits: short enough to be typed again. */
int rng_draw_seed(uint64_t *seed, struct err *e) WG_MUSTUSE;

/* Returns the seed of one part of what seed is for: of a phase, of a proxy. Equal names give equal
 * seeds. */
uint64_t rng_part_seed(uint64_t seed, const char *part);

struct rng rng_make(uint64_t seed, uint64_t stage, uint64_t session);

/* Takes the next decision, as 64 random bits. Equal structs give equal sequences. */
uint64_t rng_next(struct rng *r);

double rng_unit(struct rng *r);			    /* uniform in [0, 1) */
bool rng_chance(struct rng *r, double probability); /* takes one decision, also for 0 and 1 */
uint64_t rng_below(struct rng *r, uint64_t n);	    /* uniform in [0, n); n > 0 */
double rng_exponential(struct rng *r, double mean);
double rng_normal(struct rng *r);		/* mean 0, standard deviation 1 */
double rng_pareto(struct rng *r, double shape); /* >= 1; shape > 1 */

#endif
