/* host_freeze.h - R14 of docs/rules.md: silences of a host that its connections have in common. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_HOST_FREEZE_H
#define WEDGE_SCENARIOS_ANALYSIS_HOST_FREEZE_H

#include "scenarios/analysis/analysis.h"
#include "scenarios/base/stats.h"

/* Adds the lengths in seconds of the server's silences on the connections of that port (0: all)
 * that are together. */
void host_freeze_add_together(const struct analysis *a, uint16_t port, struct samples *out);

/* Returns these over all silences of which another connection can tell; NAN: there is none. */
double host_freeze_share(const struct analysis *a, uint16_t port);

#endif
