/* resent.h - what a retransmission is known by afterwards: whether it was needed. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_RESENT_H
#define WEDGE_SCENARIOS_DIAGNOSIS_RESENT_H

#include "scenarios/analysis/segments.h"

/* One direction's data that is being sent again. Zero-initialise to start. */
struct resent {
	int64_t first, at; /* of the retransmissions since the last progress; 0: none */
	uint32_t tsval;	   /* of the first */
	bool stamped;
};

/* Takes each segment, when its connection has it: of the data's direction or of its ACKs. Returns
 * whether it shows that what was sent again since *first was not needed. */
bool resent_take_segment(struct resent *r, const struct connection *c, enum dir data,
			 const struct segment *s, int64_t *first);
/* Returns whether the segment says that bytes came twice (RFC 2883): the first SACK block lies
 * below its acknowledgement, or inside the second block. */
bool reports_duplicate(const struct tcp_view *v);

#endif
