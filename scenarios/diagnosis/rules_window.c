/* rules_window.c - what a receiver announces, and when it acknowledges, decides when its sender may
 * go on. */
#include "scenarios/diagnosis/rules_window.h"

#include "proxy/base/clock.h"

#define PERSIST_MIN (190 * NS_PER_MS) /* no common system's persist timer is shorter */
#define LIBERATION  (2 * NS_PER_MS)   /* docs/rules.md, R4 */

/* Returns whether the gap ends with more data of that direction, or shows that there is some. */
static bool more_to_send(const struct gap *g, enum dir dir)
{
	return g->wait->probes[dir] || (g->end && g->end->dir == dir && g->end->v->payload_len);
}

bool rule_window_closed(const struct gap *g, struct stall *s)
{
	for (int d = 0; d < DIR_COUNT; d++) {
		const struct wait *w = g->wait;
		enum dir dir = (enum dir)d;

		if (!w->closed_at[d] || !more_to_send(g, dir))
			continue;
		if (w->opened_at[d] && w->opened_at[d] - g->from < gap_length(g) / 2)
			continue; /* it was open for most of the time */
		s->cause = w->opened_at[d] || g->end ? CAUSE_ZERO_WINDOW : CAUSE_DEAD_RECEIVER;
		s->value = (w->opened_at[d] ? w->opened_at[d] : g->to) - w->closed_at[d];
		s->to_client = dir == DIR_DOWNSTREAM;
		stall_prove(s, w->closed_frame[d],
			    w->opened_at[d] ? w->opened_frame[d] : w->probe_frame[d],
			    g->end ? g->end->frame : 0);
		return true;
	}
	return false;
}

bool rule_delayed_ack(const struct gap *g, struct stall *s)
{
	const struct ack_gap *held = g->end ? g->end->freed : NULL;

	if (!held || held->gap < gap_length(g) / 2)
		return false;
	/* What the way to the holder and back takes isn't held there. */
	s->value = held->gap - g->c->half[held->data_dir].handshake_rtt;
	s->cause = cause_of_hold(s->value);
	s->label = held->nagle ? "with Nagle's algorithm" : NULL;
	stall_prove(s, held->data_frame, held->ack_frame, g->end->frame);
	return true;
}

bool rule_waits_for_ack(const struct gap *g, struct stall *s)
{
	const struct wait_ack *ack;
	uint32_t limit;

	if (!g->end || !g->end->fresh || g->end->dir != g->wait->dir)
		return false;
	ack = &g->wait->ack[g->end->dir];
	limit = connection_segment_limit(g->c, g->end->dir);
	if (!ack->at || ack->at - g->from < gap_length(g) / 2 ||
	    g->to - ack->at > LIBERATION + g->rtt)
		return false;
	s->cause = CAUSE_ACKS_LATE;
	if (!ack->before.window) {
		s->cause = CAUSE_UNKNOWN;
		s->label = "a full window or a late ACK: the capture lacks the window's scale";
	}
	if (ack->before.window && ack->before.flight + limit > ack->before.window)
		s->cause = CAUSE_WINDOW_LIMITED;
	stall_prove(s, g->wait->frame, ack->frame, g->end->frame);
	return true;
}

bool rule_small_window(const struct gap *g, struct stall *s)
{
	const struct half *receiver;
	const struct sent_state *sent;
	enum dir dir = g->wait->dir;

	if (!g->end || !g->end->fresh || g->end->dir != dir || gap_length(g) < PERSIST_MIN)
		return false;
	sent = &g->before[dir];
	receiver = &g->c->half[dir_reverse(dir)];
	if (sent->flight || !receiver->window_known ||
	    (sent->window ? sent->window : receiver->window) >= connection_segment_limit(g->c, dir))
		return false;
	s->cause = sent->window ? CAUSE_WINDOW_LIMITED : CAUSE_UNKNOWN;
	s->label = sent->window ? "smaller than a segment: its sender waits for more room"
				: "a window of less than a segment, or a pause: the capture lacks "
				  "the window's scale";
	return true;
}
