/* doubts.c - what is lost before the capture, and sent again, looks like somebody who thinks. */
#include "scenarios/diagnosis/doubts.h"

#include "proxy/base/clock.h"

/* No retransmission timer of a common system is shorter (Linux: 200 ms, Windows: 300 ms). */
#define TIMER_LEAST (190 * NS_PER_MS)

/* Returns whether the sender of what ends the gap showed in it that it had nothing to send yet:
 * else its acknowledgement would have been in that. */
static bool has_acked_alone(const struct gap *g)
{
	return g->wait->ack[g->wait->dir].at != 0;
}

/* A server that goes on as late as receivers acknowledge may wait for one, behind a device that
 * ends the connection. */
static const char *doubt_pause(const struct gap *g)
{
	if (cause_of_hold(gap_length(g)) != CAUSE_DELAYED_ACK_OTHER)
		return "as long as a delayed ACK: one behind a proxy looks the same, and a capture "
		       "at the server would tell";
	return gap_length(g) >= TIMER_LEAST
		   ? "or a loss before the capture: one at the server would tell"
		   : NULL;
}

void doubt_stall(const struct gap *g, enum vantage v, struct stall *s)
{
	bool lost = g->end && gap_length(g) >= TIMER_LEAST && !has_acked_alone(g);

	if (s->label)
		return;
	switch (s->cause) {
	case CAUSE_SERVER_THINK:
		if (v != VANTAGE_SERVER && lost)
			s->label = "or a loss before the capture: one at the server would tell";
		return;
	case CAUSE_SERVER_PAUSE:
		if (v != VANTAGE_SERVER && g->end)
			s->label = doubt_pause(g);
		return;
	case CAUSE_CLIENT_THINK:
		if (v != VANTAGE_CLIENT && lost && g->end->v->payload_len)
			s->label = "or a loss before the capture: one at the client would tell";
		return;
	case CAUSE_CLIENT_PAUSE:
		if (v != VANTAGE_CLIENT && g->end && gap_length(g) >= TIMER_LEAST)
			s->label = "or a loss before the capture: one at the client would tell";
		return;
	default:
		return;
	}
}
