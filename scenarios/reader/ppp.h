/* ppp.h - PPP's protocol field (RFC 1661) and the session header of PPPoE (RFC 2516). */
#ifndef WEDGE_SCENARIOS_READER_PPP_H
#define WEDGE_SCENARIOS_READER_PPP_H

#include "scenarios/reader/layers.h"

/* Steps over address and control, where they are there, and the protocol. */
enum layer ppp_step(struct layers *l);

/* Steps over a PPPoE header. */
enum layer pppoe_step(struct layers *l);

#endif
