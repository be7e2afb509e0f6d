/* words.c - twelve letters of one draw. */
#include "scenarios/workload/words.h"

void words_fill(struct rng *rng, char *to, size_t size)
{
	static const char letters[] = "etaoinshrdlucmwfgypbvkt     aeio"; /* 32 */

	for (size_t i = 0; i < size; i += 12) {
		uint64_t bits = rng_below(rng, UINT64_C(1) << 60);

		for (size_t k = i; k < size && k < i + 12; k++, bits >>= 5)
			to[k] = letters[bits & 31];
	}
}
