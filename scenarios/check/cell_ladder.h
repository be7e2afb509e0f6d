/* cell_ladder.h - the packets of a run at the client's side, as the rows of a ladder: the first
 * ones, those around the fault, and the last ones. Grades nothing. */
#ifndef WEDGE_SCENARIOS_CHECK_CELL_LADDER_H
#define WEDGE_SCENARIOS_CHECK_CELL_LADDER_H

#include "scenarios/check/cell.h"

#include <jansson.h>

/* Reads the client's capture in the run's folder, of which f are the facts: {"packets": how many
 * there are, "rows": [{"number": from 1, "frame", "at": seconds since the command began,
 * "connection": from 1, "from": "client" or "server", "text": Wireshark's words, "fault": true
 * where it takes effect}]}; a new reference. -1 with *e: the capture can't be read. */
int cell_ladder_read(const char *folder, uint16_t port, const struct cell_facts *f, json_t **ladder,
		     struct err *e) WG_MUSTUSE;

#endif
