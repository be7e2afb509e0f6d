/* sessions_server.c - answers binds, the endpoint mapper's question and mailbox's requests; knows
 * who is logged on, and counts the sessions of one user. */
#include "scenarios/workload/sessions_server.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/workload/ept_map.h"
#include "scenarios/workload/mailbox.h"
#include "scenarios/workload/serving.h"
#include "scenarios/workload/sessions_params.h"

#include <stdlib.h>
#include <string.h>

struct sessions_peer {
	struct serving_peer peer;
	struct dcerpc_bind bound; /* n 0: not yet */
	char *user;		  /* who is logged on; NULL: nobody */
	struct dcerpc_whole request;
	bool answering; /* to it, when due */
	struct tally_exchange now;
};

static const struct sessions_server_cfg *cfg_of(const struct sessions_peer *s)
{
	return s->peer.serving->task->cfg;
}

static void send_pdus(struct sessions_peer *s, struct le_buf *o)
{
	talk_write(&s->peer.talk, o->v, o->len);
	s->now.bytes += o->len;
	free(o->v);
}

static void begin_peer(struct serving_peer *p)
{
	keepalive_begin(p->talk.fd, &cfg_of((struct sessions_peer *)p)->keepalive);
}

/* Ends a connection that is none of the protocol; a fault or a bind_nak may tell why. */
static void leave_client(struct sessions_peer *s, const char *text)
{
	tally_error(&s->peer.serving->tally, text);
	s->peer.over = true;
}

static void send_fault(struct sessions_peer *s, uint32_t call, uint16_t context, uint32_t status)
{
	struct le_buf o = {.v = NULL};

	dcerpc_write_fault(&o, call, context, status);
	send_pdus(s, &o);
}

static void refuse_bind(struct sessions_peer *s, uint32_t call, enum dcerpc_nak reason,
			const char *text)
{
	struct le_buf o = {.v = NULL};

	dcerpc_write_nak(&o, call, reason);
	send_pdus(s, &o);
	leave_client(s, text);
}

static bool is_served(const struct dcerpc_syntax *interface)
{
	return dcerpc_syntax_equal(interface, &ept_map_interface) ||
	       dcerpc_syntax_equal(interface, &mailbox_interface);
}

static struct dcerpc_outcome judge_context(struct dcerpc_context *c)
{
	struct dcerpc_outcome rejected = {.result = DCERPC_PROVIDER_REJECTION};

	if (is_served(&c->interface) && c->ndr)
		return (struct dcerpc_outcome){.result = DCERPC_ACCEPTANCE};
	rejected.reason =
	    is_served(&c->interface) ? DCERPC_NO_TRANSFER_SYNTAX : DCERPC_NO_INTERFACE;
	return rejected;
}

static void accept_bind(struct sessions_peer *s, uint32_t call)
{
	struct dcerpc_ack ack = {.fragment = DCERPC_FRAGMENT,
				 .group = (uint32_t)s->peer.serving->tally.connections,
				 .n = s->bound.n};
	struct le_buf o = {.v = NULL};
	char port[6];

	for (size_t i = 0; i < ack.n; i++)
		ack.outcomes[i] = judge_context(&s->bound.contexts[i]);
	if (s->bound.fragment > DCERPC_FRAGMENT)
		s->bound.fragment = DCERPC_FRAGMENT;
	snprintf(port, sizeof(port), "%u", (unsigned)addr_port(&s->peer.local));
	dcerpc_write_ack(&o, call, &ack, port);
	send_pdus(s, &o);
}

static void take_bind(struct sessions_peer *s, const uint8_t *pdu, const struct dcerpc_head *h)
{
	struct err e;

	if (s->bound.n)
		refuse_bind(s, h->call, DCERPC_NAK_UNSPECIFIED, "a client binds twice");
	else if (h->auth)
		refuse_bind(s, h->call, DCERPC_NAK_AUTHENTICATION,
			    "a client wants to authenticate its calls");
	else if (dcerpc_parse_bind(pdu, h, &s->bound, &e)) {
		s->bound.n = 0;
		refuse_bind(s, h->call, DCERPC_NAK_UNSPECIFIED, e.text);
	} else
		accept_bind(s, h->call);
}

/* Answers where the interface is: here, if it is ours. */
static void answer_map(struct sessions_peer *s, struct ept_tower *asked, uint32_t room,
		       struct le_buf *stub)
{
	const struct addr *local = &s->peer.local;
	bool here = asked->tcp && is_served(&asked->interface);

	asked->port = addr_port(local);
	memset(asked->address, 0, sizeof(asked->address));
	if (local->sa.sa_family == AF_INET)
		memcpy(asked->address, &local->in.sin_addr, sizeof(asked->address));
	ept_map_write_answer(stub, here ? asked : NULL, room);
}

static uint64_t count_sessions(const struct serving *serving, const char *user)
{
	uint64_t n = 0;

	for (size_t i = 0; i < serving->npeers; i++) {
		const struct sessions_peer *other = (struct sessions_peer *)serving->peers[i];

		n += other->user && strcmp(other->user, user) == 0;
	}
	return n;
}

/* These answer a request into *stub. Each returns 0, or a fault's status. */
static uint32_t answer_mapper(struct sessions_peer *s, struct le_buf *stub)
{
	const struct dcerpc_whole *r = &s->request;
	struct ept_tower asked;
	uint32_t room;
	struct err e;

	if (r->opnum != EPT_MAP_OPNUM)
		return DCERPC_NO_OPERATION;
	if (ept_map_parse_ask(r->stub.v, r->stub.len, &asked, &room, &e))
		return DCERPC_BAD_STUB;
	answer_map(s, &asked, room, stub);
	return 0;
}

static uint32_t log_on(struct sessions_peer *s, struct le_buf *stub)
{
	uint64_t limit = cfg_of(s)->limit;
	char *user = mailbox_parse_logon(s->request.stub.v, s->request.stub.len);

	if (!user)
		return DCERPC_BAD_STUB;
	if (s->user || (limit && count_sessions(s->peer.serving, user) >= limit)) {
		free(user);
		return s->user ? DCERPC_CONTEXT_MISMATCH : DCERPC_TOO_BUSY;
	}
	s->user = user;
	mailbox_write_status(stub, 0);
	return 0;
}

static uint32_t answer_mailbox(struct sessions_peer *s, struct le_buf *stub)
{
	const struct dcerpc_whole *r = &s->request;

	if (r->opnum == MAILBOX_LOGON)
		return log_on(s, stub);
	if (r->opnum > MAILBOX_LOGOFF)
		return DCERPC_NO_OPERATION;
	if (!s->user)
		return DCERPC_ACCESS_DENIED;
	if (r->opnum == MAILBOX_LOGOFF) {
		free(s->user);
		s->user = NULL;
		mailbox_write_status(stub, 0);
		return 0;
	}
	if (!mailbox_check_call(r->stub.v, r->stub.len))
		return DCERPC_BAD_STUB;
	mailbox_write_call(stub, sessions_draw_size(cfg_of(s)->response, s->peer.serving->chance));
	return 0;
}

static uint32_t answer_request(struct sessions_peer *s, struct le_buf *stub)
{
	if (s->request.too_long)
		return DCERPC_NO_MEMORY;
	for (size_t i = 0; i < s->bound.n; i++) {
		const struct dcerpc_context *c = &s->bound.contexts[i];

		if (c->id != s->request.context || !c->ndr)
			continue;
		if (dcerpc_syntax_equal(&c->interface, &ept_map_interface))
			return answer_mapper(s, stub);
		if (dcerpc_syntax_equal(&c->interface, &mailbox_interface))
			return answer_mailbox(s, stub);
	}
	return DCERPC_UNKNOWN_IF;
}

/* Logons and logoffs that are well belong to the exchange of a call. */
static bool is_exchange(const struct sessions_peer *s)
{
	return s->request.opnum == MAILBOX_CALL || s->request.opnum == EPT_MAP_OPNUM;
}

static void count_request(struct sessions_peer *s, uint32_t status)
{
	struct tally *tally = &s->peer.serving->tally;
	char *text;

	s->now.last = s->now.end = clock_now(&clock_monotonic);
	s->now.ok = true;
	if (!status && is_exchange(s))
		tally_add(tally, &s->now);
	if (!status)
		return;
	text = xasprintf("a request of opnum %u is answered by fault 0x%08x", s->request.opnum,
			 status);
	tally_fail(tally, &s->now, OUTCOME_OTHER, text);
	free(text);
}

static void send_answer(struct sessions_peer *s)
{
	struct dcerpc_whole answer = {
	    .type = DCERPC_RESPONSE, .call = s->request.call, .context = s->request.context};
	struct le_buf o = {.v = NULL};
	uint32_t status = answer_request(s, &answer.stub);

	s->answering = false;
	s->peer.due = INT64_MAX;
	s->now.first = clock_now(&clock_monotonic);
	if (status)
		dcerpc_write_fault(&o, answer.call, answer.context, status);
	else
		dcerpc_write_call(&o, &answer, s->bound.fragment);
	dcerpc_whole_fini(&answer);
	send_pdus(s, &o);
	count_request(s, status);
}

static void begin_answer(struct sessions_peer *s)
{
	const struct sessions_server_cfg *cfg = cfg_of(s);

	s->now = (struct tally_exchange){.start = clock_now(&clock_monotonic)};
	if (!cfg->service) {
		send_answer(s);
		return;
	}
	s->answering = true;
	s->peer.due =
	    s->now.start + users_vary(s->peer.serving->chance, cfg->service, cfg->service_varies);
}

static void take_request(struct sessions_peer *s, const uint8_t *pdu, const struct dcerpc_head *h)
{
	struct dcerpc_part part = {.context = 0};
	struct err e;
	int rc = -1;

	if (!s->bound.n)
		err_set(&e, "a client asks before it binds");
	else if (dcerpc_parse_part(pdu, h, &part, &e) == 0)
		rc = dcerpc_join(&s->request, h, &part, &e);
	if (rc == 1)
		begin_answer(s);
	if (rc != -1)
		return;
	send_fault(s, h->call, part.context, DCERPC_PROTOCOL_ERROR);
	leave_client(s, e.text);
}

static void refuse_big_endian(struct sessions_peer *s, const struct dcerpc_head *h)
{
	static const char text[] = "a client writes big-endian numbers";

	if (h->type == DCERPC_BIND) {
		refuse_bind(s, h->call, DCERPC_NAK_UNSPECIFIED, text);
		return;
	}
	send_fault(s, h->call, 0, DCERPC_PROTOCOL_ERROR);
	leave_client(s, text);
}

/* Takes one PDU that is whole. Returns how long it is; 0: there is none. */
static size_t take_pdu(struct sessions_peer *s)
{
	const uint8_t *pdu = (const uint8_t *)s->peer.talk.in;
	struct dcerpc_head h;
	struct err e;
	ssize_t n = dcerpc_parse(pdu, s->peer.talk.nin, &h, &e);

	if (n == -1)
		leave_client(s, e.text);
	if (n <= 0)
		return 0;
	if (h.big_endian)
		refuse_big_endian(s, &h);
	else if (h.type == DCERPC_BIND)
		take_bind(s, pdu, &h);
	else if (h.type == DCERPC_REQUEST)
		take_request(s, pdu, &h);
	else if (h.type != DCERPC_CO_CANCEL && h.type != DCERPC_ORPHANED) {
		send_fault(s, h.call, 0, DCERPC_PROTOCOL_ERROR);
		leave_client(s, "a client sends a PDU that a server doesn't take");
	}
	return (size_t)n;
}

static void read_pdus(struct serving_peer *p)
{
	struct sessions_peer *s = (struct sessions_peer *)p;
	size_t n;

	while (!p->over && !s->answering && (n = take_pdu(s)) > 0)
		talk_take(&p->talk, n);
}

static void answer_due(struct serving_peer *p, int64_t now)
{
	(void)now;
	send_answer((struct sessions_peer *)p);
	read_pdus(p);
}

static void end_peer(struct serving_peer *p)
{
	struct sessions_peer *s = (struct sessions_peer *)p;

	free(s->user);
	s->user = NULL;
	dcerpc_whole_fini(&s->request);
	if (!s->answering)
		return;
	s->now.end = clock_now(&clock_monotonic);
	tally_fail(&p->serving->tally, &s->now, OUTCOME_OTHER,
		   "the client went away before its request was answered");
}

int sessions_server(const struct workload_task *task)
{
	static const struct serving_protocol protocol = {
	    .peer_size = sizeof(struct sessions_peer),
	    .begin = begin_peer,
	    .read = read_pdus,
	    .due = answer_due,
	    .end = end_peer,
	};

	return serving_run(task, &protocol);
}
