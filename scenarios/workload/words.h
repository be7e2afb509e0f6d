/* words.h - text for bodies that nobody reads: small letters and blanks, as the rng draws them. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_WORDS_H
#define WEDGE_SCENARIOS_WORKLOAD_WORDS_H

#include "proxy/base/rng.h"

/* Fills size bytes, without a NUL behind them. */
void words_fill(struct rng *rng, char *to, size_t size);

#endif
