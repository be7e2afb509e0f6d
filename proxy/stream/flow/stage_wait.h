/* stage_wait.h - what has been read and is yet to meet a stage, since the turn's work was done. */
#ifndef WEDGE_STREAM_FLOW_STAGE_WAIT_H
#define WEDGE_STREAM_FLOW_STAGE_WAIT_H

#include "proxy/base/attrs.h"
#include "proxy/stream/flow/flow_end.h"

#include <stdbool.h>

struct evbuffer;

/* Zeroed: nothing waits. */
struct stage_wait {
	struct evbuffer *bytes;
	enum flow_end end; /* behind the bytes */
};

bool stage_wait_any(const struct stage_wait *w); /* returns whether bytes or the end wait */

/* Keeps all bytes of buf, behind those that wait. */
void stage_wait_add(struct stage_wait *w, struct evbuffer *buf);

#endif
