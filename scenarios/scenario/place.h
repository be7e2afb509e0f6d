/* place.h - where wedge stands in the lab: on the path between the hosts, or in one of them, below
 * its programs, as a filter driver does. A host's own capture is then outside of wedge, and shows
 * what wedge does as that host's doing. */
#ifndef WEDGE_SCENARIOS_SCENARIO_PLACE_H
#define WEDGE_SCENARIOS_SCENARIO_PLACE_H

#include "proxy/base/dir.h"

enum place { PLACE_PATH, PLACE_CLIENT, PLACE_SERVER };

/* In the order of the enum, ended by NULL; for a parameter. */
extern const char *const place_names[];

/* Returns which of wedge's legs the capture at a vantage (client_wire, server_wire) shows. */
enum leg place_leg(enum place place, enum leg vantage);

#endif
