/* sip_server.c - registrar, relay of messages and phones in one: whoever is called answers. */
#include "scenarios/workload/sip_server.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/rng.h"
#include "scenarios/workload/sip_auth.h"
#include "scenarios/workload/sip_deal.h"
#include "scenarios/workload/sip_params.h"
#include "scenarios/workload/sip_write.h"

#include <string.h>

struct sip_peer {
	struct serving_peer peer;
	struct deal *deals; /* ndeals */
	size_t ndeals;
	char nonce[20]; /* of the last challenge; empty: none yet */
	unsigned count; /* of REGISTERs that have answered it */
};

static struct deal *find_call(struct sip_peer *s, struct sip_text call_id)
{
	for (size_t i = 0; i < s->ndeals; i++)
		if (s->deals[i].state != DEAL_ASKED && !s->deals[i].over &&
		    sip_text_is(call_id, s->deals[i].call_id))
			return &s->deals[i];
	return NULL;
}

/* Answers at once with the lines more (NULL: none), and remembers nothing. */
static void answer_with(struct sip_peer *s, const struct sip_message *m, unsigned status,
			const char *more)
{
	char tag[20], *head;

	snprintf(tag, sizeof(tag), "%08llx",
		 (unsigned long long)rng_next(s->peer.serving->chance) >> 32);
	head = sip_answer_head(m, &s->peer.remote, tag);
	(void)deal_answer(&s->peer, status, head, more);
	free(head);
}

static void answer_request(struct sip_peer *s, const struct sip_message *m, unsigned status)
{
	answer_with(s, m, status,
		    status == 200 || status == 501 ? "Allow: " SIP_ALLOW "\r\n" : NULL);
}

static void challenge_user(struct sip_peer *s, const struct sip_message *m, bool stale)
{
	char *line;

	snprintf(s->nonce, sizeof(s->nonce), "%016llx",
		 (unsigned long long)rng_next(s->peer.serving->chance));
	s->count = 0;
	line = sip_write_challenge(SIP_DOMAIN, s->nonce, stale);
	answer_with(s, m, 401, line);
	free(line);
}

static void refuse_user(struct sip_peer *s, const struct sip_message *m)
{
	struct tally_exchange x = {.start = clock_now(&clock_monotonic)};

	answer_request(s, m, 403);
	x.end = clock_now(&clock_monotonic);
	tally_fail(&s->peer.serving->tally, &x, OUTCOME_OTHER, "a REGISTER had wrong credentials");
}

static void begin_deal(struct sip_peer *s, const struct sip_message *m)
{
	if (s->ndeals == SIP_DEALS_MAX || find_call(s, m->call_id)) {
		answer_request(s, m, 486);
		return;
	}
	s->deals = xrealloc(s->deals, s->ndeals + 1, sizeof(*s->deals));
	deal_begin(&s->deals[s->ndeals], &s->peer, m);
	s->ndeals++;
}

/* Only the registrar asks who somebody is, as who calls has registered before. */
static void take_register(struct sip_peer *s, const struct sip_message *m)
{
	const struct sip_server_cfg *cfg = s->peer.serving->task->cfg;
	enum sip_proof proof = SIP_PROVED;

	if (cfg->password[0])
		proof = sip_judge_authorization(m, SIP_DOMAIN, s->nonce, cfg->password, &s->count);
	if (proof == SIP_PROVED)
		begin_deal(s, m);
	else if (proof == SIP_WRONG)
		refuse_user(s, m);
	else
		challenge_user(s, m, proof == SIP_STALE);
}

static void take_ack(struct deal *call)
{
	if (!call || call->state != DEAL_ANSWERED)
		return;
	call->state = DEAL_CONFIRMED;
	call->due = INT64_MAX;
}

/* CANCEL and BYE: either may come before the answer (RFC 3261 9.2, 15.1.2). */
static void end_call(struct sip_peer *s, const struct sip_message *m, struct deal *call)
{
	bool early = call && call->state < DEAL_ANSWERED;

	if (!call || (sip_text_is(m->method, "CANCEL") && !early)) {
		answer_request(s, m, 481);
		return;
	}
	answer_request(s, m, 200);
	if (early)
		deal_cancel(call, &s->peer);
	call->over = true;
}

static void take_request(struct sip_peer *s, const struct sip_message *m)
{
	struct deal *call = find_call(s, m->call_id);

	if (sip_text_is(m->method, "ACK"))
		take_ack(call);
	else if (sip_text_is(m->method, "BYE") || sip_text_is(m->method, "CANCEL"))
		end_call(s, m, call);
	else if (sip_text_is(m->method, "REGISTER"))
		take_register(s, m);
	else if (sip_text_is(m->method, "MESSAGE") || sip_text_is(m->method, "PUBLISH") ||
		 sip_text_is(m->method, "INVITE"))
		begin_deal(s, m);
	else
		answer_request(s, m, sip_text_is(m->method, "OPTIONS") ? 200 : 501);
}

/* Frees the deals that are over, and finds when the next one is due. */
static void sweep_deals(struct sip_peer *s)
{
	size_t kept = 0;

	s->peer.due = INT64_MAX;
	for (size_t i = 0; i < s->ndeals; i++) {
		struct deal *d = &s->deals[i];

		if (d->over) {
			deal_free(d);
			continue;
		}
		if (d->due < s->peer.due)
			s->peer.due = d->due;
		s->deals[kept++] = *d;
	}
	s->ndeals = kept;
}

static void read_messages(struct serving_peer *p)
{
	struct sip_peer *s = (struct sip_peer *)p;
	struct sip_message m;
	struct err e;
	ssize_t n = 0;

	while (!p->over && (n = sip_parse(p->talk.in, p->talk.nin, &m, &e)) > 0) {
		if (m.is_request)
			take_request(s, &m);
		talk_take(&p->talk, (size_t)n);
		sweep_deals(s);
	}
	if (n == -1) {
		struct tally_exchange x = {.start = clock_now(&clock_monotonic)};

		x.end = x.start;
		tally_fail(&p->serving->tally, &x, OUTCOME_OTHER, e.text);
		p->over = true;
	}
}

static void take_due(struct serving_peer *p, int64_t now)
{
	struct sip_peer *s = (struct sip_peer *)p;

	for (size_t i = 0; i < s->ndeals; i++)
		deal_turn(&s->deals[i], p, now);
	sweep_deals(s);
}

static void end_peer(struct serving_peer *p)
{
	struct sip_peer *s = (struct sip_peer *)p;

	for (size_t i = 0; i < s->ndeals; i++) {
		deal_abandon(&s->deals[i], p);
		deal_free(&s->deals[i]);
	}
	free(s->deals);
	s->deals = NULL;
	s->ndeals = 0;
}

int sip_server(const struct workload_task *task)
{
	static const struct serving_protocol protocol = {
	    .peer_size = sizeof(struct sip_peer),
	    .read = read_messages,
	    .due = take_due,
	    .end = end_peer,
	};

	return serving_run(task, &protocol);
}
