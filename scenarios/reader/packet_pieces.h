/* packet_pieces.h - recognises TCP data that another capture point has shown just before in
 * segments of other sizes: one interface hands on what offload has put together (GRO, TSO), the
 * next one cuts it. Whole packets that come twice are packet_copies.h's. */
#ifndef WEDGE_SCENARIOS_READER_PACKET_PIECES_H
#define WEDGE_SCENARIOS_READER_PACKET_PIECES_H

#include "proxy/base/attrs.h"
#include "scenarios/reader/layers.h"

struct packet_pieces;

/* packet_pieces_free frees it. What it knows is of fixed size. */
struct packet_pieces *packet_pieces_new(void) WG_MUSTUSE;
void packet_pieces_free(struct packet_pieces *p);

/* Returns whether the data of the innermost packet of *l came before, at the point that shows this
 * direction of its connection first; *lag becomes the time since then. */
bool packet_pieces_shown(struct packet_pieces *p, const struct layers *l, int64_t at, int64_t *lag);

/* Notes the packet's data, which counts. */
void packet_pieces_note(struct packet_pieces *p, const struct layers *l, int64_t at);

#endif
