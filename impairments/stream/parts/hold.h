/* hold.h - the bytes that a stage keeps, in order, with the core's accounts kept right. Knows
 * nothing of why they are kept. */
#ifndef WEDGE_IMPAIRMENTS_STREAM_PARTS_HOLD_H
#define WEDGE_IMPAIRMENTS_STREAM_PARTS_HOLD_H

#include "proxy/stream/flow/stage.h"

/* Embed it in the stage's state, zeroed. What it holds is always what the stage keeps. */
struct hold {
	struct evbuffer *held, *out;
};

/* Takes all of buf. Large pieces are moved, small ones copied together, so that many small ones
 * don't cost a buffer each. */
void hold_take(struct stage *st, struct hold *h, struct evbuffer *buf);

/* Passes on the first n bytes, or all when there are fewer. */
void hold_pass(struct stage *st, struct hold *h, size_t n);
void hold_pass_all(struct stage *st, struct hold *h);

/* Reading stops at high kept bytes and goes on at low: a stage of its own small bound. */
void hold_bound(struct stage *st, size_t low, size_t high);

void hold_free(struct hold *h); /* for the stage's close */

#endif
