/* exchanges.h - requests and responses out of the order of data segments. Knows no sequence
 * numbers: it is told only of bytes that were never seen before. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_EXCHANGES_H
#define WEDGE_SCENARIOS_ANALYSIS_EXCHANGES_H

#include "scenarios/analysis/connection.h"

/* A data segment with this many new bytes. An upstream byte after a response begins an exchange;
 * what a server says before the first request belongs to none. */
void exchange_data(struct connection *c, enum dir dir, int64_t at, uint64_t bytes);

#endif
