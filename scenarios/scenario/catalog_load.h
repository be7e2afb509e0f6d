/* catalog_load.h - all scenarios of a catalogue, and one of them by its name or number. */
#ifndef WEDGE_SCENARIOS_SCENARIO_CATALOG_LOAD_H
#define WEDGE_SCENARIOS_SCENARIO_CATALOG_LOAD_H

#include "scenarios/scenario/scenario.h"

struct catalog {
	struct scenario **list; /* in the names' order */
	size_t n;
};

/* Loads all of them, those in the binary (dir NULL) or those of a folder; the caller frees *c with
 * catalog_fini, in every case. known: as for scenario_load. -1 with *e: one can't be loaded. */
int catalog_load(const char *dir, bool quick, metric_known_fn *known, struct catalog *c,
		 struct err *e) WG_MUSTUSE;
void catalog_fini(struct catalog *c);

/* Finds the one that a person means by "F14", "f14" or its name. NULL with *e, which has the
 * nearest name. */
struct scenario *catalog_find(const struct catalog *c, const char *word, struct err *e);

/* Returns the name of the scenario whose number word is, "F14" or "f14", in the catalogue of dir,
 * which is loaded for it as by catalog_load; of any other word a copy. The caller frees. NULL with
 * *e: no scenario has that number, or the catalogue can't be loaded. */
char *catalog_name(const char *word, const char *dir, metric_known_fn *known,
		   struct err *e) WG_MUSTUSE;

#endif
