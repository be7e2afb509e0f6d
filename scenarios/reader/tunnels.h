/* tunnels.h - what the payload of an IP packet wraps: IP, GRE and what mirrors put into it
 * (ERSPAN), VXLAN, Geneve. Knows no IP header. */
#ifndef WEDGE_SCENARIOS_READER_TUNNELS_H
#define WEDGE_SCENARIOS_READER_TUNNELS_H

#include "scenarios/reader/layers.h"

/* Steps over the tunnel's header in the payload of that IP protocol. */
enum layer tunnel_step(struct layers *l, uint8_t protocol);

#endif
