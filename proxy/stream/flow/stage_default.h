/* stage_default.h - the pass-through slots of struct stage_ops. */
#ifndef WEDGE_STREAM_FLOW_STAGE_DEFAULT_H
#define WEDGE_STREAM_FLOW_STAGE_DEFAULT_H

#include "proxy/stream/flow/flow.h"

void stage_default_open(struct stage *st);
void stage_default_data(struct stage *st, struct evbuffer *buf);
void stage_default_end(struct stage *st, enum flow_end end);
void stage_default_timer(struct stage *st, int64_t now);
void stage_default_update(struct stage *st);
void stage_default_drain(struct stage *st);
void stage_default_close(struct stage *st);

#endif
