/* rng.c - a counter-based generator: hashes where a decision stands, keeps no state but a count. */
#include "proxy/base/rng.h"

#include "proxy/base/hash.h"

#include <math.h>
#include <string.h>
#include <sys/random.h>

__extension__ typedef unsigned __int128 wide;

int rng_draw_seed(uint64_t *seed, struct err *e)
{
	if (getrandom(seed, sizeof(*seed), 0) != sizeof(*seed))
		return err_errno(e, "getrandom");
	*seed >>= 32;
	return 0;
}

struct rng rng_make(uint64_t seed, uint64_t stage, uint64_t session)
{
	return (struct rng){.seed = seed, .stage = stage, .session = session};
}

/* The finaliser of SplitMix64 (Steele, Lea, Flood 2014; Stafford's variant 13 of MurmurHash3's):
 * a bijection of 64 bits in which every input bit flips each output bit half of the time. */
static uint64_t mix_bits(uint64_t x)
{
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

/* The golden ratio's odd 64-bit fraction, SplitMix64's step: it takes 0, 0, 0, 0 away from mix's
 * fixed point 0. The four words are absorbed one after the other, so that their order counts. */
#define STEP UINT64_C(0x9e3779b97f4a7c15)

uint64_t rng_next(struct rng *r)
{
	uint64_t h = mix_bits(r->seed + STEP);

	h = mix_bits((h ^ r->stage) + STEP);
	h = mix_bits((h ^ r->session) + STEP);
	return mix_bits((h ^ r->k++) + STEP);
}

/* The hash begins with the mixed seed instead of its own number. */
uint64_t rng_part_seed(uint64_t seed, const char *part)
{
	return mix_bits(hash_bytes(mix_bits(seed + STEP), part, strlen(part)) + STEP);
}

double rng_unit(struct rng *r)
{
	return (double)(rng_next(r) >> 11) * 0x1p-53;
}

bool rng_chance(struct rng *r, double probability)
{
	return rng_unit(r) < probability;
}

/* The high half of a product (Lemire 2019) without his rejection: one decision always, at the price
 * of a bias below n / 2^64. */
uint64_t rng_below(struct rng *r, uint64_t n)
{
	return (uint64_t)((wide)rng_next(r) * n >> 64);
}

double rng_exponential(struct rng *r, double mean)
{
	return -mean * log1p(-rng_unit(r));
}

/* Box and Muller 1958; the second normal of the pair is not kept, since that would be state. */
double rng_normal(struct rng *r)
{
	double radius = sqrt(-2 * log1p(-rng_unit(r)));

	return radius * cos(2 * M_PI * rng_unit(r));
}

double rng_pareto(struct rng *r, double shape)
{
	return pow(1 - rng_unit(r), -1 / shape);
}
