/* gate_stream.h - gates in flows of bytes: they count bytes and messages. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_GATE_STREAM_H
#define WEDGE_IMPAIRMENTS_LIVE_GATE_STREAM_H

#include "impairments/live/gate.h"

/* Attaches a stage of the instance, with its gate, to a flow of the attachment's session, before
 * another stage (NULL: at the end). */
void gate_stream_attach(struct impair_live *live, struct attachment *att, struct flow *f,
			struct stage *before);

#endif
