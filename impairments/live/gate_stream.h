/* gate_stream.h - gates in flows of bytes. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_GATE_STREAM_H
#define WEDGE_IMPAIRMENTS_LIVE_GATE_STREAM_H

#include "impairments/live/gate.h"

/* Attaches an instance's stage to a flow of the attachment's session, before another stage (NULL:
 * last). */
void gate_stream_attach(struct impair_live *live, struct attachment *pl, struct flow *f,
			struct stage *before);

#endif
