/* story.c - a segment is looked at twice: how things stood before it, and what it was. */
#include "scenarios/diagnosis/story.h"

#include "scenarios/diagnosis/gap_rules.h"

static bool is_closed(const struct wire_connection *w)
{
	return w->rst_at[DIR_UPSTREAM] || w->rst_at[DIR_DOWNSTREAM] ||
	       (w->fin_at[DIR_UPSTREAM] && w->fin_at[DIR_DOWNSTREAM]);
}

void story_before_segment(struct story *s, const struct connection *c)
{
	const struct wire_connection *w = &c->wire;
	const struct wire_exchange *e = connection_current_exchange(c);
	struct gap *g = &s->before;

	g->established = w->handshake_ack || w->midstream;
	g->answered = w->data_bytes[DIR_DOWNSTREAM] > 0;
	g->incomplete = e && e->response_bytes &&
			(e->response_bytes < e->announced ||
			 records_broken(&s->answers, c->half[DIR_DOWNSTREAM].seq.next));
	g->earlier_gap = e ? e->data_gap : 0;
	g->closing = w->client_closes && !w->fin_at[DIR_DOWNSTREAM];
	for (int d = 0; d < DIR_COUNT; d++)
		g->before[d] = sent_state_of(c, (enum dir)d);
}

/* Gives the SYNs that somebody has answered after all their right cause. */
static void answer_syns(struct story *s)
{
	while (s->nunanswered)
		tallies_move(&s->tallies, &s->unanswered[--s->nunanswered], CAUSE_SYN_RESENT);
}

static int64_t round_trip(const struct connection *c)
{
	return c->half[DIR_UPSTREAM].min_rtt + c->half[DIR_DOWNSTREAM].min_rtt;
}

static void end_gap(struct story *s, const struct connection *c, const struct segment *end,
		    int64_t at)
{
	struct gap *g = &s->before;
	struct stall stall;

	g->c = c;
	g->wait = &s->wait;
	g->end = end;
	g->from = s->wait.since;
	g->to = at;
	g->rtt = round_trip(c);
	if (gap_length(g) <= gap_stall_min(end && at == c->wire.syn_ack ? 0 : g->rtt))
		return;
	gap_classify(g, &stall);
	if (s->on_stall)
		s->on_stall(s->on_stall_arg, g, &stall);
	if (stall.cause == CAUSE_CONNECT_SLOW) {
		s->connect = stall;
		return;
	}
	tallies_add(&s->tallies, &stall);
	if (stall.cause == CAUSE_CONNECT_BLACKHOLE && s->nunanswered < STORY_SYNS)
		s->unanswered[s->nunanswered++] = stall;
}

void story_take_segment(struct story *s, const struct connection *c, const struct segment *segment)
{
	bool was_closed = s->end && is_closed(&c->wire) && segment->at != c->wire.last;

	if (c->wire.syn_ack)
		answer_syns(s);
	if (wait_is_step(c, segment) && !was_closed) {
		if (!s->begin)
			s->begin = segment->at;
		else
			end_gap(s, c, segment, segment->at);
		s->end = segment->at;
	}
	if (segment->dir == DIR_DOWNSTREAM)
		records_take_segment(&s->answers, segment);
	wait_take_segment(&s->wait, c, segment, s->before.before);
}

void story_end(struct story *s, const struct connection *c, int64_t at)
{
	/* The first sample of the round trip can't say of itself that it is late. */
	if (s->connect.to && s->connect.to - s->connect.from > gap_stall_min(round_trip(c)))
		tallies_add(&s->tallies, &s->connect);
	if (!s->begin || is_closed(&c->wire) || at <= s->end)
		return;
	story_before_segment(s, c);
	end_gap(s, c, NULL, at);
	s->end = at;
}

void story_fini(struct story *s)
{
	tallies_fini(&s->tallies);
}
