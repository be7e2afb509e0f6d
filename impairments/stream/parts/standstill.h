/* standstill.h - what a stage does that lets nothing pass while it acts: bytes and end are kept, in
 * order, and all go on when it is over. For kinds that differ in where and how they begin. */
#ifndef WEDGE_IMPAIRMENTS_STREAM_PARTS_STANDSTILL_H
#define WEDGE_IMPAIRMENTS_STREAM_PARTS_STANDSTILL_H

#include "impairments/stream/parts/hold.h"

/* The stage's state (state_size). */
struct standstill {
	struct hold hold;
};

/* For its operations of these names (stage.h). */
void standstill_data(struct stage *st, struct evbuffer *buf);
void standstill_end(struct stage *st, enum flow_end end);
void standstill_drain(struct stage *st); /* journals stall_over */
void standstill_close(struct stage *st);

#endif
