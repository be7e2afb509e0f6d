/* stage_window.h - the end of a stage's window, behind which what came inside keeps its fate.
 * Doesn't know what opened it. */
#ifndef WEDGE_STREAM_FLOW_STAGE_WINDOW_H
#define WEDGE_STREAM_FLOW_STAGE_WINDOW_H

#include "proxy/stream/flow/stage.h"

/* The stage's window closes: drains it, or lets it end what it holds (stage_ops.lingers). */
void stage_close_window(struct stage *st);

/* For the core, after each call of the stage: drains one whose window has closed when all that came
 * inside it has left. */
void stage_end_lingering(struct stage *st);

#endif
