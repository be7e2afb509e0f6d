/* stage_alert.h - a verb of stages: a fatal TLS alert among the bytes. */
#ifndef WEDGE_STREAM_FLOW_STAGE_ALERT_H
#define WEDGE_STREAM_FLOW_STAGE_ALERT_H

#include "proxy/stream/flow/stage.h"

/* Adds and passes a fatal TLS alert, and journals it. */
void stage_alert(struct stage *st, unsigned char description, const char *why);

#endif
