/* ethernet.h - Ethernet's header, and what an Ethertype leads to: IP, VLAN tags, PPPoE, MPLS. Knows
 * nothing of what is in an IP packet. */
#ifndef WEDGE_SCENARIOS_READER_ETHERNET_H
#define WEDGE_SCENARIOS_READER_ETHERNET_H

#include "scenarios/reader/layers.h"

/* Steps over addresses and type, of IEEE 802.3 with SNAP too. */
enum layer ethernet_step(struct layers *l);

/* Steps over what l->type says there is, up to the next layer. */
enum layer ethertype_step(struct layers *l);

#endif
