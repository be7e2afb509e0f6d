/* ack_gaps.h - how long data waits for its acknowledgement: for each ACK that covers data segments
 * for the first time, the time since the earliest of them. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_ACK_GAPS_H
#define WEDGE_SCENARIOS_ANALYSIS_ACK_GAPS_H

#include "scenarios/analysis/connection.h"

/* Takes a data segment [start, end), in order and never seen before, that left in direction dir. */
void ack_gap_take_data(struct connection *c, enum dir dir, uint64_t start, uint64_t end, int64_t at,
		       uint32_t frame);

/* Takes an acknowledgement of direction dir's bytes, up to ack, before the half's una is moved.
 * Returns the gap (valid until the
 * next call), or NULL when no whole data segment became covered. */
struct ack_gap *ack_gap_take_ack(struct connection *c, enum dir dir, uint64_t ack, bool pure,
				 int64_t at, uint32_t frame);

#endif
