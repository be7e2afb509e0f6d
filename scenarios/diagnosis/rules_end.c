/* rules_end.c - the client has said that it is done, and the server doesn't. */
#include "scenarios/diagnosis/rules_end.h"

#include "proxy/base/clock.h"

#define STUCK_MIN (10 * NS_PER_S) /* docs/rules.md, R17 */

bool rule_close_stuck(const struct gap *g, struct stall *s)
{
	if (!g->closing || gap_length(g) < STUCK_MIN)
		return false;
	if (g->end && g->end->v->payload_len)
		return false; /* it had something left to say */
	s->cause = CAUSE_CLOSE_STUCK;
	return true;
}
