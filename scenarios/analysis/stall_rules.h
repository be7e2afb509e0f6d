/* stall_rules.h - the rules of docs/rules.md that look at one segment after another: R0, the
 * capture is faulty, and R4, the delayed-ACK stall with its liberation test. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_STALL_RULES_H
#define WEDGE_SCENARIOS_ANALYSIS_STALL_RULES_H

#include "proxy/packet/tcp_view.h"
#include "scenarios/analysis/connection.h"

/* R0 on a segment before anything else is done with it: stamps that go back, a second copy of a
 * frame. true: the segment is such a copy and must be ignored. */
bool capture_fault_frame(struct connection *c, enum dir dir, const struct tcp_view *v, int64_t at);

/* R0 on an acknowledgement of dir's bytes that is about to be taken: of what the capture never
 * showed. Afterwards everything below ack counts as seen. */
void capture_fault_ack(struct connection *c, enum dir dir, uint64_t ack);

/* The window that dir's sender saw last has room for a full segment. */
bool window_open(const struct connection *c, enum dir dir);

/* R4, first half: is this gap a stall that waits for its liberation? flight is the number of dir's
 * data segments that were unacknowledged before the ACK; bytes is the held segment's payload. */
void delayed_ack_stall_ack(struct connection *c, struct ack_gap *gap, size_t flight,
			   uint64_t bytes);

/* R4, second half: new data of direction dir starting at start; in_order: nothing older was seen
 * after it. Also ends the other direction's wait: data of the other side isn't liberated by an ACK.
 */
void delayed_ack_stall_data(struct connection *c, enum dir dir, uint32_t bytes, int64_t at);

/* R4: a segment of dir was sent again or late. */
void delayed_ack_stall_resent(struct connection *c, enum dir dir, uint32_t frame);

/* R4's classes by the length of the hold; NULL when none fits (500 ms and longer). */
const char *delayed_ack_stall_class(double seconds);

#endif
