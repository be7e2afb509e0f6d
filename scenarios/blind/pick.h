/* pick.h - which failure a blind run plays: by the seed, among those that were named or all. */
#ifndef WEDGE_SCENARIOS_BLIND_PICK_H
#define WEDGE_SCENARIOS_BLIND_PICK_H

#include "scenarios/scenario/catalog_load.h"

/* What of a scenario is played: the first phase in which all is well, and one in which something
 * goes wrong, the one named "impaired" if there is one. NULL: it has none. */
struct blind_phases {
	const char *healthy, *impaired;
};
struct blind_phases blind_phases(const struct scenario *s);

/* Finds those that can be played, in names of which each is a name or number, or several with
 * commas between; n 0: all of the catalogue that can. The caller frees *list, not what is in it. -1
 * with *e: one that was named isn't there, or lacks a complaint or a phase. */
int blind_candidates(const struct catalog *c, char *const *names, size_t n,
		     const struct scenario ***list, size_t *count, struct err *e) WG_MUSTUSE;

/* Returns one of n > 0 by the seed. */
const struct scenario *blind_pick(const struct scenario *const *list, size_t n, uint64_t seed);

#endif
