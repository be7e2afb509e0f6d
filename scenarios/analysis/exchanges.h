/* exchanges.h - requests and responses out of the order of data segments. Knows no sequence
 * numbers: callers hand over only bytes that were never seen before. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_EXCHANGES_H
#define WEDGE_SCENARIOS_ANALYSIS_EXCHANGES_H

#include "scenarios/analysis/connection.h"

/* Takes a data segment with this many new bytes. An upstream byte after a response begins an
 * exchange; a server's bytes before the first request belong to none. */
void exchange_take_data(struct connection *c, enum dir dir, int64_t at, uint64_t bytes);

#endif
