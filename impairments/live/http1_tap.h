/* http1_tap.h - reads the requests of a session where they leave wedge, so that its responses can
 * be framed. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_HTTP1_TAP_H
#define WEDGE_IMPAIRMENTS_LIVE_HTTP1_TAP_H

#include "impairments/live/session_record.h"

/* Attaches a tap, which goes with the record, behind all stages of the session's upstream flow,
 * once, if no byte has passed. */
void http1_tap_attach(struct session_record *rec, struct flow *upstream);

/* Returns the requests of the session; NULL: they aren't read. */
const struct http1_requests *http1_tap_requests(const struct session_record *rec);

/* Returns the tap's stage in that flow, before which all others belong; NULL: it isn't there. */
struct stage *http1_tap_stage(const struct session_record *rec, const struct flow *f);

#endif
