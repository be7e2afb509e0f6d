/* ip_layer.h - an IP header: is the packet a fragment, what does it carry, a tunnel? */
#ifndef WEDGE_SCENARIOS_READER_IP_LAYER_H
#define WEDGE_SCENARIOS_READER_IP_LAYER_H

#include "scenarios/reader/layers.h"

/* Makes the packet the innermost one and steps into it where it is a tunnel's. */
enum layer ip_step(struct layers *l);

#endif
