/* segments.h - takes one segment into its connection: classifies it (new data, repetition, probe,
 * duplicate ACK), counts it, and passes it on to exchanges, ACK gaps and rules. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_SEGMENTS_H
#define WEDGE_SCENARIOS_ANALYSIS_SEGMENTS_H

#include "proxy/packet/tcp_view.h"
#include "scenarios/analysis/connection.h"

/* One segment: as it was captured, and what is found out about it (docs/rules.md has the terms). */
struct segment {
	const struct tcp_view *v;
	size_t captured; /* bytes of its payload at v->payload */
	enum dir dir;
	int64_t at;
	uint32_t frame;

	uint64_t seq;	     /* unwrapped */
	uint64_t fresh;	     /* bytes of payload that were not seen before */
	uint64_t acked;	     /* sequence space of the other side that it newly acknowledges */
	bool copy;	     /* a second copy of the frame before it; nothing else is known */
	bool out_of_place;   /* its numbers lie beyond any window; nothing else is known */
	bool keepalive;	     /* 0 or 1 byte, one before the next expected */
	bool probe;	     /* 1 byte at the next expected, into a closed window */
	bool again;	     /* a retransmission */
	bool late;	     /* out of order */
	bool duplicate_ack;  /* repeats the last acknowledgement and nothing else */
	bool window_changed; /* it announces another window than its sender's segment before */
	const struct ack_gap *freed; /* the R4 stall that its data ended; NULL: none */
};

/* Takes the connection's next segment. The caller has filled the first five members, the rest is 0;
 * captured may be more than the payload. */
void segment_take(struct connection *c, struct segment *s);

#endif
