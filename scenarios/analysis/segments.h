/* segments.h - takes one segment into its connection: classifies it (new data, repetition, probe,
 * duplicate ACK), counts it, and passes it on to exchanges, ACK gaps and rules. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_SEGMENTS_H
#define WEDGE_SCENARIOS_ANALYSIS_SEGMENTS_H

#include "proxy/packet/tcp_view.h"
#include "scenarios/analysis/connection.h"

/* Takes the connection's next segment. captured: how many bytes there are at v->payload. */
void segment_take(struct connection *c, enum dir dir, const struct tcp_view *v, size_t captured,
		  int64_t at, uint32_t frame);

#endif
