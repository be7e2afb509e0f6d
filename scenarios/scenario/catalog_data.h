/* catalog_data.h - the catalogue inside the binary, made from scenarios/catalog by embed.cmake. */
#ifndef WEDGE_SCENARIOS_SCENARIO_CATALOG_DATA_H
#define WEDGE_SCENARIOS_SCENARIO_CATALOG_DATA_H

#include <stddef.h>

struct catalog_entry {
	const char *name; /* NULL ends the table, which is in alphabetical order */
	const unsigned char *text;
	size_t len;
};

extern const struct catalog_entry catalog_embedded[];

#endif
