/* rules_resend.c - by what came before it, a retransmission is fast, a probe, or a timeout. */
#include "scenarios/diagnosis/rules_resend.h"

#include "proxy/base/clock.h"

#define DUP_ACKS_FAST 3			/* RFC 5681 3.2 */
#define RTO_MIN	      (200 * NS_PER_MS) /* Linux */
#define PROBE_SLACK   (30 * NS_PER_MS)	/* one tick of a 100 Hz kernel, and the way */
#define PROBE_EARLY   (10 * NS_PER_MS)

#define ONLY_LARGE "only large segments are lost: a smaller MTU on the way looks so"

/* Whether what is lost is larger than all that got there, before it and behind it: each duplicate
 * ACK tells of a segment from behind, and there are no more of them than smaller ones. */
static bool is_larger(const struct half *x)
{
	const struct sent_data *flight;
	uint64_t lost;
	unsigned smaller = 0;

	if (!x->nflight)
		return false;
	flight = x->flight + x->flight_head;
	lost = flight->end - flight->start;
	for (size_t i = 1; i < x->nflight; i++)
		smaller += flight[i].end - flight[i].start < lost;
	return x->dup_acks && x->dup_acks <= smaller && x->delivered < lost;
}

/* A server that has no room for the connection ignores all of the client, and says SYN-ACK again.
 */
static const char *resend_label(const struct gap *g)
{
	if (g->end->dir == DIR_UPSTREAM && !g->answered && g->c->wire.syns[DIR_DOWNSTREAM] > 1)
		return "or the server's accept queue is full: it repeats its SYN-ACK";
	return NULL;
}

bool rule_sent_again(const struct gap *g, struct stall *s)
{
	const struct segment *e = g->end;
	const struct half *x;
	bool known;

	if (!e || !e->again)
		return false;
	x = &g->c->half[e->dir];
	known = x->resend.at && x->resend.at + x->resend.gap == e->at;
	s->value = known ? x->resend.gap : 0;
	s->label = resend_label(g);
	if (x->dup_acks >= DUP_ACKS_FAST)
		s->cause = CAUSE_FAST_RECOVERY;
	else if (known && x->resend.before)
		s->cause = CAUSE_RTO_DOUBLE;
	else if (e->seq + tcp_seq_len(e->v) < x->seq.next)
		s->cause = CAUSE_RTO;
	else if (known && x->resend.gap < RTO_MIN && g->before[e->dir].segments > 1)
		s->cause = CAUSE_TAIL_PROBE; /* RFC 8985 7: sooner than any timeout */
	else
		s->cause = CAUSE_RTO_TAIL;
	if (s->cause == CAUSE_RTO_DOUBLE && !s->label && is_larger(x))
		s->label = ONLY_LARGE;
	return true;
}

bool rule_tail_probe(const struct gap *g, struct stall *s)
{
	const struct segment *e = g->end;
	int64_t expected = 2 * g->rtt + RTO_MIN;

	/* Linux sends new data instead of the last segment, if there is some. */
	if (!e || !e->fresh || e->dir != g->wait->dir || g->wait->ack[e->dir].at ||
	    !g->before[e->dir].flight || g->before[e->dir].segments != 1)
		return false;
	if (gap_length(g) < expected - PROBE_EARLY || gap_length(g) > expected + PROBE_SLACK)
		return false;
	s->cause = CAUSE_TAIL_PROBE;
	s->value = gap_length(g);
	return true;
}

bool rule_path_dead(const struct gap *g, struct stall *s)
{
	enum dir dir = g->wait->dir;

	if (g->end || !g->before[dir].flight || g->wait->ack[dir].at || !g->c->half[dir].resend.at)
		return false;
	s->cause = CAUSE_PATH_DEAD;
	s->label = is_larger(&g->c->half[dir]) ? ONLY_LARGE : NULL;
	return true;
}

/* Data from behind a hole has come, and its receiver has acknowledged nothing from there on: the
 * hole is no fault of the capture's. */
static bool lacks_piece(const struct half *x)
{
	return x->seq.nislands && x->una_known && x->una <= x->seq.edge;
}

static const char *hole_label(const struct half *x)
{
	if (x->seq.islands[0].from - x->seq.edge > x->largest)
		return "a piece larger than all that came was lost before the capture, and never "
		       "came again: a smaller MTU on the way looks so";
	return "a piece of the data was lost before the capture, and never came again";
}

bool rule_piece_missing(const struct gap *g, struct stall *s)
{
	for (int d = 0; d < DIR_COUNT; d++) {
		if (!lacks_piece(&g->c->half[d]))
			continue;
		if (g->end && (int)g->end->dir == d && g->end->v->payload_len)
			continue; /* its sender goes on, or fills it */
		s->cause = CAUSE_PATH_DEAD;
		s->label = hole_label(&g->c->half[d]);
		s->to_client = d == DIR_DOWNSTREAM;
		return true;
	}
	return false;
}
