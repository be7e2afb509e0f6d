/* capture_fault.h - R0 of docs/rules.md: the capture itself is faulty. Marks the connection as
 * unreliable; finds no fault of the peers. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_CAPTURE_FAULT_H
#define WEDGE_SCENARIOS_ANALYSIS_CAPTURE_FAULT_H

#include "proxy/packet/tcp_view.h"
#include "scenarios/analysis/connection.h"

/* Checks a segment before anything else is done with it: a time stamp that goes back, a second copy
 * of a frame. true: the segment is such a copy and must be ignored. */
bool capture_fault_check_frame(struct connection *c, enum dir dir, const struct tcp_view *v,
			       int64_t at);

/* Checks that the capture has shown what an acknowledgement of dir's bytes, which is about to be
 * taken, covers. Afterwards everything below ack counts as seen. Returns whether bytes were
 * missing. */
bool capture_fault_check_ack(struct connection *c, enum dir dir, uint64_t ack);

#endif
