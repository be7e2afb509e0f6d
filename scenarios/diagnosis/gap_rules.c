/* gap_rules.c - the order of the rules, and nothing else: what each asks is in its file. */
#include "scenarios/diagnosis/gap_rules.h"

#include "proxy/base/clock.h"
#include "scenarios/diagnosis/rules_connect.h"
#include "scenarios/diagnosis/rules_end.h"
#include "scenarios/diagnosis/rules_resend.h"
#include "scenarios/diagnosis/rules_think.h"
#include "scenarios/diagnosis/rules_window.h"

#define STALL_MIN (20 * NS_PER_MS)  /* failures of less than that are felt by nobody */
#define RTO_MIN	  (200 * NS_PER_MS) /* Linux: TCP_RTO_MIN (net/ipv4/tcp.h) */

static const struct {
	const char *rule; /* of docs/rules.md */
	gap_rule_fn *applies;
} rules[] = {
    {"R1, R2, R5", rule_connecting}, /* until the handshake is complete */
    {"R7", rule_window_closed},	     /* nothing may be sent */
    {"R4", rule_delayed_ack},	     /* an ACK let the sender go on */
    {"R5, R6", rule_sent_again},     /* something was lost */
    {"R5", rule_tail_probe},	     /* ... or the sender believed it */
    {"R16", rule_path_dead},	     /* ... and nothing came any more */
    {"R16", rule_piece_missing},     /* ... or not what was missing */
    {"R17", rule_close_stuck},	     /* the client has ended its side */
    {"R7, R13", rule_waits_for_ack}, /* a window is full */
    {"R7", rule_small_window},	     /* ... or too small */
    {"R11", rule_delivered_late},    /* it was sent in time */
    {"R9", rule_midstream_silence},  /* a response isn't whole */
    {"R3", rule_accepted_silent},    /* a request has no answer, ever */
    {"R11", rule_server_think},	     /* a request has none yet */
    {"R13", rule_pause},	     /* the one who was sending pauses */
    {"R9", rule_idle_or_stalled},    /* ... or has nothing more to say */
    {"R12", rule_client_think},	     /* nobody is asked */
};

int64_t gap_stall_min(int64_t rtt)
{
	int64_t rto = rtt + RTO_MIN, least = 2 * rtt < rto ? 2 * rtt : rto;

	return least > STALL_MIN ? least : STALL_MIN;
}

/* Only one direction was captured, and it goes on: somebody answered it. */
static bool is_one_sided(const struct wire_connection *w)
{
	return connection_goes_on(w) && (!w->packets[DIR_UPSTREAM] || !w->packets[DIR_DOWNSTREAM]);
}

/* Ports say who is the client where the capture lacks the handshake, if one of them is none that
 * systems choose themselves (IANA's range, and Linux' wider one). */
static bool roles_known(const struct wire_connection *w)
{
	return !w->midstream || w->syn_ack || addr_port(&w->server) < 32768 ||
	       addr_port(&w->client) < 32768;
}

static void give_up(struct stall *s, const char *why)
{
	s->cause = CAUSE_UNKNOWN;
	s->label = why;
	s->value = 0;
}

/* Returns why nobody can tell a slow sender from late delivery; NULL: it can be told, or the sender
 * has no clock in its segments at all. */
static const char *lacks_clock(const struct gap *g, enum cause c)
{
	if (!g->end ||
	    (c != CAUSE_SERVER_THINK && c != CAUSE_SERVER_PAUSE && c != CAUSE_CLIENT_PAUSE))
		return NULL;
	if (!g->end->v->payload && !g->end->v->has_tsval)
		return "a slow sender or late delivery: the snap length cut the timestamps";
	/* A handshake would show the way as it was at first. */
	if (g->c->wire.midstream && g->end->v->has_tsval && g->late < 0)
		return "a slow sender or late delivery: so soon its clock isn't known";
	return NULL;
}

/* Withdraws what this capture can't tell. */
static void withdraw_doubtful(const struct gap *g, struct stall *s)
{
	const struct wire_connection *w = &g->c->wire;

	if (g->c->unseen != g->unseen)
		give_up(s, GAP_LACKS_PACKETS);
	else if (w->unreliable && cause_is_loss(s->cause))
		give_up(s, GAP_LACKS_PACKETS);
	else if (lacks_clock(g, s->cause))
		give_up(s, lacks_clock(g, s->cause));
	else if (!roles_known(w) && cause_has_roles(s->cause))
		give_up(s, "who is the client isn't in the capture");
}

void gap_classify(const struct gap *g, struct stall *s)
{
	*s = (struct stall){.cause = CAUSE_UNKNOWN, .from = g->from, .to = g->to};
	s->to_client = (g->end ? g->end->dir : g->wait->dir) == DIR_DOWNSTREAM;
	stall_prove(s, g->wait->frame, g->end ? g->end->frame : 0, 0);
	if (is_one_sided(&g->c->wire)) {
		give_up(s, "only one direction was captured");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (rules[i].applies(g, s))
			break;
	withdraw_doubtful(g, s);
}
