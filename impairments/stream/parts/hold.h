/* hold.h - holds a stage's bytes, in order, and keeps the core's accounts right. Doesn't know why
 * they are held. */
#ifndef WEDGE_IMPAIRMENTS_STREAM_PARTS_HOLD_H
#define WEDGE_IMPAIRMENTS_STREAM_PARTS_HOLD_H

#include "proxy/stream/flow/stage.h"

/* Embed it in the stage's state, zeroed. It holds all of the stage's st->held bytes. */
struct hold {
	struct evbuffer *held, *out;
};

/* Takes all of buf. Large pieces are moved; small ones are copied together, so that they don't cost
 * a buffer each. */
void hold_take(struct stage *st, struct hold *h, struct evbuffer *buf);

/* Passes the first n bytes to the next stage, or all when there are fewer. */
void hold_pass(struct stage *st, struct hold *h, size_t n);
void hold_pass_all(struct stage *st, struct hold *h);

/* Pauses reading at high held bytes and resumes it at low: for a stage whose bound is smaller than
 * the flow's. */
void hold_bound(struct stage *st, size_t low, size_t high);

void hold_free(struct hold *h); /* for the stage's close */

#endif
