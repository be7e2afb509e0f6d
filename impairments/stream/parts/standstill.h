/* standstill.h - the operations of a stage that lets nothing pass while it acts: bytes and end are
 * held, in order, and all go on when it stops. For impairments that differ in how they begin. */
#ifndef WEDGE_IMPAIRMENTS_STREAM_PARTS_STANDSTILL_H
#define WEDGE_IMPAIRMENTS_STREAM_PARTS_STANDSTILL_H

#include "impairments/stream/parts/hold.h"

/* The stage's state (state_size). */
struct standstill {
	struct hold hold;
};

/* The operations of struct stage_ops with these names. */
void standstill_data(struct stage *st, struct evbuffer *buf);
void standstill_end(struct stage *st, enum flow_end end);
void standstill_drain(struct stage *st); /* writes stall_over to the journal */
void standstill_close(struct stage *st);

#endif
