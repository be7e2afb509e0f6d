/* far_pass.h - the capture nearer to the server: first who its connections are, then when each
 * moment that the other capture asks for was there. */
#ifndef WEDGE_SCENARIOS_PAIRS_FAR_PASS_H
#define WEDGE_SCENARIOS_PAIRS_FAR_PASS_H

#include "scenarios/pairs/near_pass.h"
#include "scenarios/pairs/twins.h"

/* Reads the capture's connections into *ids, which identities_fini frees; *first and *last are the
 * times of its first and last packet. */
int far_pass_identities(const struct pair_source *from, struct identities *ids, int64_t *first,
			int64_t *last, struct err *e) WG_MUSTUSE;

/* Reads it again and fills in near's moments. */
int far_pass_moments(const struct pair_source *from, struct near_pass *near,
		     const struct identities *ids, const struct twins *twins,
		     struct err *e) WG_MUSTUSE;

#endif
