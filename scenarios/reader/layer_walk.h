/* layer_walk.h - from a frame's first layer to its innermost IP packet. Knows which function steps
 * over which layer, and no layer. */
#ifndef WEDGE_SCENARIOS_READER_LAYER_WALK_H
#define WEDGE_SCENARIOS_READER_LAYER_WALK_H

#include "scenarios/reader/layers.h"

/* Follows the frame at l->at from that layer on; *l then has the innermost IP packet, if any. */
void layer_walk(struct layers *l, enum layer first);

#endif
