/* rules_connect.c - a SYN that is sent again, refused and tried again, answered late, or never. A
 * SYN that is sent again counts as never answered until the answer comes (story.c). */
#include "scenarios/diagnosis/rules_connect.h"

static bool is_syn(const struct segment *s, bool ack)
{
	return s && (s->v->flags & (TCP_SYN | TCP_ACK)) == (TCP_SYN | (ack ? TCP_ACK : 0));
}

bool rule_connecting(const struct gap *g, struct stall *s)
{
	const struct wire_connection *w = &g->c->wire;

	if (g->established)
		return false;
	if (g->wait->flags & TCP_RST)
		s->cause = CAUSE_REFUSED;
	else if (!w->syn_ack || (!g->end && w->syn_ack == g->from))
		s->cause = w->syn_ack ? CAUSE_PATH_DEAD : CAUSE_CONNECT_BLACKHOLE;
	else if (is_syn(g->end, true) && g->wait->dir == DIR_UPSTREAM)
		s->cause = w->syns[DIR_UPSTREAM] > 1 ? CAUSE_SYN_RESENT : CAUSE_CONNECT_SLOW;
	else
		s->cause = CAUSE_SYN_RESENT;
	return true;
}
