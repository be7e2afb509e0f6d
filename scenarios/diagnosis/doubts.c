/* doubts.c - what is lost before the capture, and sent again, looks like somebody who thinks. */
#include "scenarios/diagnosis/doubts.h"

#include "proxy/base/clock.h"

#include <string.h>

/* No retransmission timer of a common system is shorter (Linux: 200 ms, Windows: 300 ms). */
#define TIMER_LEAST (190 * NS_PER_MS)

static const char lost_before_server[] =
    "or a loss before the capture: one at the server would tell";
static const char lost_before_client[] =
    "or a loss before the capture: one at the client would tell";

static const char regular[] =
    "each as long: an ACK that is held behind a proxy looks the same, and a "
    "capture at the server would tell";
static const char unscaled[] = "as of one that reads the client's window without its scale";
static const char probes[] = "it probes a window that is open here: something between may close it";

/* Hosts probe a window after 0.2 s, and twice as long each time; keep-alives are seldom so close.
 */
#define PROBES_APART (4 * NS_PER_S)

/* As the verdict on delayed ACKs (docs/rules.md, R4) wants it: so many, in 80 % of the exchanges.
 */
#define REGULAR_LEAST 10
#define ACK_LATEST    (500 * NS_PER_MS) /* RFC 1122 4.2.3.2 */

/* A path that loses each third answer would be known for it. */
#define OFTEN 3

/* Returns whether a timer fits between the last that the end was heard of and its answer: an
 * acknowledgement alone says that there was no answer until then. */
static bool is_timer_possible(const struct gap *g)
{
	int64_t heard = g->wait->ack[g->wait->dir].at;

	return g->end && g->to - (heard ? heard : g->from) >= TIMER_LEAST;
}

static bool is_usual(const struct gap *g)
{
	return g->long_waits >= OFTEN && OFTEN * g->long_waits >= g->c->wire.nexchanges;
}

static bool probes_window(const struct gap *g)
{
	unsigned n = g->wait->probes[DIR_DOWNSTREAM];

	return n && gap_length(g) / n < PROBES_APART && g->before[DIR_DOWNSTREAM].room;
}

/* A server that goes on as late as receivers acknowledge may wait for one, behind a device that
 * ends the connection. */
static const char *doubt_pause(const struct gap *g)
{
	if (g->unscaled)
		return unscaled;
	if (cause_of_hold(gap_length(g)) != CAUSE_DELAYED_ACK_OTHER)
		return gap_length(g) < TIMER_LEAST
			   ? "as long as a delayed ACK: one behind a proxy looks the same, and a "
			     "capture at the server would tell"
			   : "as long as a delayed ACK, or as a retransmission timer behind a "
			     "loss: one "
			     "before the capture looks the same, and one at the server would tell";
	return gap_length(g) >= TIMER_LEAST ? lost_before_server : NULL;
}

void doubt_stall(const struct gap *g, enum vantage v, struct stall *s)
{
	bool lost = is_timer_possible(g) && !is_usual(g);

	if (s->label)
		return;
	if ((s->cause == CAUSE_SERVER_THINK || s->cause == CAUSE_SERVER_PAUSE) &&
	    probes_window(g)) {
		s->label = probes;
		return;
	}
	switch (s->cause) {
	case CAUSE_SERVER_THINK:
		if (v != VANTAGE_SERVER && lost)
			s->label = lost_before_server;
		return;
	case CAUSE_SERVER_PAUSE:
		if (v != VANTAGE_SERVER && g->end)
			s->label = doubt_pause(g);
		return;
	case CAUSE_CLIENT_THINK:
		if (v != VANTAGE_CLIENT && lost && g->end->v->payload_len)
			s->label = lost_before_client;
		return;
	case CAUSE_CLIENT_PAUSE:
		if (v != VANTAGE_CLIENT && g->end && is_timer_possible(g))
			s->label = lost_before_client;
		return;
	default:
		return;
	}
}

/* Labels a server's pauses that are all as long: what is late each time by the same time, behind
 * what was acknowledged here at once, may wait for an ACK that is held beyond the capture. */
static void doubt_regular_pauses(struct tally *x, uint64_t exchanges)
{
	const struct durations *d = x ? &x->values : NULL;
	int64_t middle;

	if (!d || d->n < REGULAR_LEAST || 10 * d->n < 8 * exchanges || 2 * x->labelled > d->n)
		return;
	middle = durations_quantile(d, 0.5);
	if (middle >= ACK_LATEST ||
	    10 * (durations_quantile(d, 0.95) - durations_quantile(d, 0.05)) >= middle)
		return;
	x->labelled = x->lengths.n;
	x->label = regular;
}

void doubts_settle(struct tallies *t, uint64_t exchanges, enum vantage v)
{
	static const enum cause causes[] = {CAUSE_SERVER_THINK, CAUSE_CLIENT_THINK};

	if (v != VANTAGE_SERVER)
		doubt_regular_pauses(t->of[CAUSE_SERVER_PAUSE], exchanges);
	for (size_t i = 0; i < ARRAY_LEN(causes); i++) {
		struct tally *x = t->of[causes[i]];

		if (!x || (x->label != lost_before_server && x->label != lost_before_client))
			continue;
		if (x->labelled < OFTEN || OFTEN * x->labelled < exchanges)
			continue;
		x->labelled = 0;
		x->label = NULL;
	}
}

bool doubt_asks_elsewhere(const char *label)
{
	return label && strstr(label, "would tell");
}
