/* delayed_ack_stall.h - R4 of docs/rules.md on one connection: marks the ACK gaps that are
 * delayed-ACK stalls, segment by segment. delayed_ack_verdict.h decides whether the stalls of a
 * capture are the failure. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_DELAYED_ACK_STALL_H
#define WEDGE_SCENARIOS_ANALYSIS_DELAYED_ACK_STALL_H

#include "scenarios/analysis/connection.h"

/* Makes the gap a candidate, which waits for its liberation, if it can be a stall. flight is the
 * number of dir's data segments that were unacknowledged before the ACK; bytes is the payload of
 * the data that waited for it. */
void delayed_ack_stall_take_ack(struct connection *c, struct ack_gap *gap, size_t flight,
				uint64_t bytes);

/* New data of direction dir: makes that direction's candidate a stall when the data comes soon
 * enough, and returns it; else NULL. Drops the other direction's: data of the other side isn't
 * liberated by an ACK. */
const struct ack_gap *delayed_ack_stall_take_data(struct connection *c, enum dir dir,
						  uint32_t bytes, int64_t at);

/* Takes a segment of dir that was sent again, or late: drops the candidate. */
void delayed_ack_stall_take_resend(struct connection *c, enum dir dir, uint32_t frame);

#endif
