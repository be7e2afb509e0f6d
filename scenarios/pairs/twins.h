/* twins.h - which connection of one capture is which of another: by sequence numbers and, where a
 * proxy stands between them, by what was said. */
#ifndef WEDGE_SCENARIOS_PAIRS_TWINS_H
#define WEDGE_SCENARIOS_PAIRS_TWINS_H

#include "scenarios/pairs/identity.h"

#define NO_TWIN UINT32_MAX

/* How twins are known, the surest first. */
enum twin_kind {
	TWIN_SAME,  /* addresses, ports and sequence numbers are the same: nothing stands between */
	TWIN_NAT,   /* the same sequence numbers, other addresses or ports */
	TWIN_PROXY, /* other sequence numbers, the same first payload in both directions, or of the
		       client where one of them has none of the server */
	TWIN_KINDS,
};

struct twins {
	uint8_t *kind;	/* by the index in a: of one with a twin */
	uint32_t *of;	/* by the index in a: that in b, or NO_TWIN */
	uint32_t *back; /* by the index in b: that in a, or NO_TWIN */
	bool *doubtful; /* by the index in a: several of b say the same, and their numbers don't fit
			 */
};

/* Fills *t, which twins_fini frees. */
void twins_find(const struct identities *a, const struct identities *b, struct twins *t);
void twins_fini(struct twins *t);

#endif
