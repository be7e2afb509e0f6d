/* select_connections.h - the connections of a leg that belong to a traffic, a host, or both, as the
 * ports and addresses of the capture tell them. */
#ifndef WEDGE_SCENARIOS_RUN_SELECT_CONNECTIONS_H
#define WEDGE_SCENARIOS_RUN_SELECT_CONNECTIONS_H

#include "scenarios/run/phase_data.h"
#include "scenarios/scenario/selector.h"

/* Returns whether the connection is to a server of that traffic, a place in the phase, whoever of
 * its proxy's clients has made it. */
bool connection_is_to_traffic(const struct phase_data *d, enum leg leg, size_t traffic,
			      const struct wire_connection *w);

/* Makes *out the leg's analysis with the selected connections alone, which belong to d but for the
 * array: the caller frees out->connections. */
void select_connections(const struct phase_data *d, enum leg leg, const struct selector *s,
			struct analysis *out);

#endif
