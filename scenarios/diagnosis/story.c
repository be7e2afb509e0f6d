/* story.c - a segment is looked at twice: how things stood before it, and what it was. */
#include "scenarios/diagnosis/story.h"

#include "proxy/base/clock.h"
#include "scenarios/diagnosis/doubts.h"
#include "scenarios/diagnosis/gap_rules.h"

/* As long as a retransmission timer may be. */
#define LONG_WAIT (190 * NS_PER_MS)

#define FIELD_FILLED 3 /* once or twice may be chance */

static bool is_closed(const struct wire_connection *w)
{
	return w->rst_at[DIR_UPSTREAM] || w->rst_at[DIR_DOWNSTREAM] ||
	       (w->fin_at[DIR_UPSTREAM] && w->fin_at[DIR_DOWNSTREAM]);
}

/* One side's FIN came, and the other's may lie before the capture: it has sent nothing in it. */
static bool may_be_closed(const struct wire_connection *w)
{
	for (int d = 0; d < DIR_COUNT; d++)
		if (w->midstream && w->fin_at[d] && !w->data_bytes[!d])
			return true;
	return false;
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
	g->bodiless = e && e->bodiless;
	g->headless = e ? c->response_cut : w->midstream;
	g->whole = e && e->announced && e->response_bytes >= e->announced;
	g->earlier_gap = e ? e->data_gap : 0;
	g->closing = w->client_closes && !w->fin_at[DIR_DOWNSTREAM];
	for (int d = 0; d < DIR_COUNT; d++)
		g->before[d] = sent_state_of(c, (enum dir)d);
}

/* Gives the SYNs that somebody has answered after all their right cause. */
static void answer_syns(struct story *s)
{
	if (!s->nunanswered)
		return;
	while (s->nunanswered)
		tallies_move(&s->tallies, &s->unanswered[--s->nunanswered], CAUSE_SYN_RESENT,
			     false);
	recent_rename(&s->recent, CAUSE_CONNECT_BLACKHOLE, CAUSE_SYN_RESENT, NULL);
}

static int64_t round_trip(const struct connection *c)
{
	return c->half[DIR_UPSTREAM].min_rtt + c->half[DIR_DOWNSTREAM].min_rtt;
}

static bool is_pause(enum cause c)
{
	return c == CAUSE_SERVER_PAUSE;
}

static bool is_timeout(enum cause c)
{
	return c == CAUSE_RTO || c == CAUSE_RTO_TAIL || c == CAUSE_RTO_DOUBLE;
}

/* A closed window, a refused SYN are what they are, whoever stands still meanwhile. */
static bool may_be_freeze(enum cause c)
{
	switch (c) {
	case CAUSE_DELAYED_ACK_LINUX:
	case CAUSE_DELAYED_ACK_BSD:
	case CAUSE_DELAYED_ACK_WINDOWS:
	case CAUSE_DELAYED_ACK_OTHER:
	case CAUSE_TAIL_PROBE:
	case CAUSE_RTO_SPURIOUS:
	case CAUSE_ACKS_LATE:
	case CAUSE_DELIVERED_LATE:
	case CAUSE_SERVER_THINK:
	case CAUSE_SERVER_PAUSE:
	case CAUSE_CLIENT_PAUSE:
	case CAUSE_CLIENT_THINK:
		return true;
	default:
		return is_timeout(c);
	}
}

static unsigned drops_least(const struct wire_connection *w)
{
	return w->midstream ? TRICKLE_CUT_LEAST : TRICKLE_LEAST;
}

/* Gives the pauses between the drops so far their right cause, if they are even. */
static void name_trickle(struct story *s, int64_t at)
{
	if (trickle_runs(&s->drops, TRICKLE_CUT_LEAST))
		recent_move(&s->recent, &s->tallies, s->drops.first, at, CAUSE_TRICKLE, is_pause,
			    true);
}

/* Gives a stall the cause that what is known of the connection beside it has shown already. */
static void see_beside(const struct story *s, const struct gap *g, struct stall *stall)
{
	const struct segment *e = g->end;

	if (e && e->freed && !stall->label && stall->cause <= CAUSE_DELAYED_ACK_OTHER &&
	    bursts_are_equal(&s->bursts[e->dir], connection_segment_limit(g->c, e->dir)))
		stall->label = "as with a send buffer that is full each time (KB 823764)";
	if (s->freeze_to && may_be_freeze(stall->cause) &&
	    2 * stall_overlap(stall, s->freeze_from, s->freeze_to) >= stall->to - stall->from) {
		stall->cause = CAUSE_HOST_FREEZE;
		stall->label = NULL;
		stall->to_client = !s->freeze_of_client;
	} else if (trickle_runs(&s->drops, drops_least(&g->c->wire)) && is_pause(stall->cause)) {
		stall->cause = CAUSE_TRICKLE;
		stall->label = NULL;
	}
}

void story_freeze(struct story *s, enum dir host, int64_t from, int64_t to)
{
	s->freeze_from = from;
	s->freeze_to = to;
	s->freeze_of_client = host == DIR_UPSTREAM;
	recent_move(&s->recent, &s->tallies, from, to, CAUSE_HOST_FREEZE, may_be_freeze,
		    host == DIR_DOWNSTREAM);
}

static void add_stall(struct story *s, const struct stall *stall)
{
	tallies_add(&s->tallies, stall);
	recent_add(&s->recent, stall);
}

/* Cuts the stall to the time that is asked about. false: it lies outside. */
static bool cut_stall(const struct story *s, struct stall *stall)
{
	if (stall->from < s->since)
		stall->from = s->since;
	if (s->until && stall->to > s->until)
		stall->to = s->until;
	return stall->from < stall->to;
}

bool story_is_scaled(const struct connection *c)
{
	return c->half[DIR_UPSTREAM].wscale > 0 && c->half[DIR_DOWNSTREAM].wscale >= 0;
}

static void end_gap(struct story *s, const struct connection *c, const struct segment *end,
		    int64_t at)
{
	struct gap *g = &s->before;
	struct stall stall;

	g->c = c;
	g->unseen = s->unseen;
	g->wait = &s->wait;
	g->end = end;
	/* Where the capture's clock goes back a little, no time counts twice. */
	g->from = s->wait.since > s->end ? s->wait.since : s->end;
	g->to = at;
	g->rtt = round_trip(c);
	if (gap_length(g) <= gap_stall_min(end && at == c->wire.syn_ack ? 0 : g->rtt))
		return;
	g->unscaled =
	    story_is_scaled(c) && s->field.filled >= FIELD_FILLED && !s->field.beyond;
	g->late = end ? s->stamps[end->dir].late : -1;
	g->long_waits = s->long_waits;
	s->long_waits += gap_length(g) >= LONG_WAIT;
	gap_classify(g, &stall);
	stall.connection = c->wire.index;
	stall.renumbered = c->wire.renumbered;
	doubt_stall(g, s->taken_at ? s->taken_at : vantage_of(c, s->ttl), &stall);
	see_beside(s, g, &stall);
	s->field.pauses += g->unscaled && stall.cause == CAUSE_SERVER_PAUSE;
	if (s->on_stall)
		s->on_stall(s->on_stall_arg, g, &stall);
	if (stall.cause == CAUSE_CONNECT_SLOW) {
		s->connect = stall;
		return;
	}
	if (!cut_stall(s, &stall))
		return;
	add_stall(s, &stall);
	if (stall.cause == CAUSE_CONNECT_BLACKHOLE && s->nunanswered < STORY_SYNS)
		s->unanswered[s->nunanswered++] = stall;
}

static void take_field(struct field_use *f, const struct connection *c, const struct segment *s)
{
	const struct half *client = &c->half[DIR_UPSTREAM];
	uint64_t flight = sent_state_of(c, DIR_DOWNSTREAM).flight;

	if (s->dir != DIR_DOWNSTREAM || !s->fresh || !client->window_known || client->window_of_syn)
		return;
	f->beyond = f->beyond || flight > client->window;
	f->filled += 10 * flight >= 9 * (uint64_t)client->window;
	f->exact += flight == client->window;
}

/* Withdraws the timeouts that a later segment shows to have been needless. */
static void take_resent(struct story *s, const struct connection *c, const struct segment *segment)
{
	int64_t first;

	for (int d = 0; d < DIR_COUNT; d++)
		if (resent_take_segment(&s->resent[d], c, (enum dir)d, segment, &first))
			recent_move(&s->recent, &s->tallies, c->half[d].resend.at, segment->at,
				    CAUSE_RTO_SPURIOUS, is_timeout, d == DIR_DOWNSTREAM);
}

void story_take_segment(struct story *s, const struct connection *c, const struct segment *segment)
{
	bool was_closed = s->end && is_closed(&c->wire) && segment->at != c->wire.last;

	bursts_take_segment(&s->bursts[segment->dir], segment);
	stamps_take_segment(&s->stamps[segment->dir], segment);
	take_field(&s->field, c, segment);
	if (!s->ttl[segment->dir])
		s->ttl[segment->dir] = packet_ttl(segment->v);
	if (c->wire.syn_ack || connection_goes_on(&c->wire))
		answer_syns(s);
	if (wait_is_step(c, segment) && !was_closed) {
		trickle_take_step(&s->drops, segment);
		if (!s->begin)
			s->begin = segment->at;
		else
			end_gap(s, c, segment, segment->at);
		s->end = s->end > segment->at ? s->end : segment->at;
		s->unseen = c->unseen;
		if (s->drops.drops == drops_least(&c->wire))
			name_trickle(s, segment->at);
	}
	take_resent(s, c, segment);
	if (segment->dir == DIR_DOWNSTREAM)
		records_take_segment(&s->answers, segment);
	wait_take_segment(&s->wait, c, segment, s->before.before);
}

void story_end(struct story *s, const struct connection *c, int64_t at)
{
	/* The first sample of the round trip can't say of itself that it is late. */
	if (s->connect.to && s->connect.to - s->connect.from > gap_stall_min(round_trip(c)) &&
	    cut_stall(s, &s->connect))
		add_stall(s, &s->connect);
	if (s->begin && !is_closed(&c->wire) && !may_be_closed(&c->wire) && at > s->end) {
		name_trickle(s, at);
		story_before_segment(s, c);
		end_gap(s, c, NULL, at);
		s->end = at;
	}
	for (int cause = 0; c->wire.unreliable && cause < CAUSE_COUNT; cause++)
		if (cause_is_loss((enum cause)cause)) {
			tallies_withdraw(&s->tallies, (enum cause)cause, CAUSE_UNKNOWN,
					 GAP_LACKS_PACKETS);
			recent_rename(&s->recent, (enum cause)cause, CAUSE_UNKNOWN,
				      GAP_LACKS_PACKETS);
		}
	recent_finish(&s->recent);
}

bool story_is_unscaled(const struct story *s, const struct connection *c)
{
	return story_is_scaled(c) && !s->field.beyond && s->field.exact >= FIELD_FILLED &&
	       s->field.pauses >= FIELD_FILLED;
}

void story_fini(struct story *s)
{
	tallies_fini(&s->tallies);
	recent_fini(&s->recent);
}
