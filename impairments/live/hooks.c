/* hooks.c - what a set does when the planes tell it of sessions and connections. */
#include "impairments/live/hooks.h"

#include "impairments/live/run.h"
#include "impairments/live/sni_tap.h"
#include "proxy/stream/tls/tls_session.h"

static struct attachment *find_place(struct impair_run *run, struct session *session)
{
	struct session_record *v = session_records_get(&run->records, session->number);
	const struct host_port *upstream = &session->dial.name;
	struct attachment *pl;

	TAILQ_FOREACH (pl, &v->attachments, entry)
		if (pl->session == session)
			return pl;
	v->client = session->client;
	v->port = upstream->port;
	if (addr_parse_host(upstream->host, upstream->port, &v->server, NULL) == -1)
		v->server.len = 0; /* a name, which is resolved later */
	return session_record_attach(v, session, NULL);
}

/* Kinds that have bytes or time to wait for don't act at accept. */
static bool acts_at_accept(const struct impair_live *live, const struct session_record *v)
{
	struct facts facts = session_record_facts(v, live);
	const char *why;

	return live->inst->when.enabled && live->schedule.on && !live->trigger.window.after.n &&
	       impair_live_chosen(live, v->number) &&
	       match_session(&live->trigger.match, &facts, &why) == MATCH_YES;
}

static struct accept_info info_of(const struct impair_live *live, const struct session_record *v)
{
	return (struct accept_info){.env = live->env,
				    .name = live->inst->name,
				    .session = v->number,
				    .client = v->client,
				    .active = acts_at_accept(live, v)};
}

static void session_accept(void *arg, struct session *session, struct accept_verdict *verdict)
{
	struct impairment_set *s = arg;
	struct impair_run *run = impair_run_get(s, &session->table->env);
	struct session_record *v = find_place(run, session)->record;

	for (size_t i = 0; i < s->n && verdict->action == ACCEPT_GO; i++) {
		const struct impairment *type = s->inst[i].type;
		struct impair_live *live = s->inst[i].live;
		struct accept_info info;

		if (!type->accept)
			continue;
		info = info_of(live, v);
		type->accept->accept(live->shared, s->inst[i].cfg, &info, verdict);
		if (verdict->action == ACCEPT_GO && type->accept->gone)
			session_record_admit(v, live);
	}
}

static void session_open(void *arg, struct session *session)
{
	struct impairment_set *s = arg;
	struct impair_run *run = impair_run_get(s, &session->table->env);
	struct attachment *pl = find_place(run, session);

	for (size_t i = 0; i < s->n; i++)
		impair_run_attach(s->inst[i].live, pl);
	if (impair_run_wants_sni(run))
		sni_tap_attach(pl->record, &session->flow[DIR_UPSTREAM]);
}

static void session_connected(void *arg, struct session *session)
{
	struct impairment_set *s = arg;
	struct session_record *v = find_place(s->run, session)->record;

	v->server = session->server;
	addr_unmap(&v->server);
	v->port = addr_port(&v->server);
	impair_run_learnt(v);
}

/* Where wedge ends the client's TLS, the name isn't in the bytes any more. */
static void session_named(void *arg, struct session *session)
{
	struct impairment_set *s = arg;
	struct session_record *v = find_place(s->run, session)->record;
	const char *name = tls_session_sni(session->tls);

	if (name && sni_told(&v->sni, name))
		impair_run_learnt(v);
}

static void session_closed(void *arg, struct session *session)
{
	struct impairment_set *s = arg;
	struct attachment *pl;
	struct session_record *v;

	if (!s->run)
		return;
	pl = find_place(s->run, session);
	v = pl->record;
	for (size_t i = 0; i < v->nadmitted; i++) {
		struct impair_live *live = v->admitted[i];
		struct accept_info info = info_of(live, v);

		live->inst->type->accept->gone(live->shared, live->inst->cfg, &info);
	}
	v->nadmitted = 0;
	impair_run_detach(pl);
}

/* Each leg of a terminated session shows one end of it. */
static void learn_from_conn(struct session_record *v, const struct pkt_conn *c)
{
	if (c->forwarded || c->leg == LEG_CLIENT)
		v->client = c->client;
	if (c->forwarded || c->leg == LEG_SERVER) {
		v->server = c->server;
		v->port = addr_port(&c->server);
		impair_run_learnt(v);
	}
}

static void conn_open(void *arg, struct pkt_conn *c)
{
	struct impairment_set *s = arg;
	struct session_record *v =
	    session_records_get(&impair_run_get(s, c->env)->records, c->session);
	struct attachment *pl;

	learn_from_conn(v, c);
	pl = session_record_attach(v, NULL, c);
	c->hooks_arg = pl;
	for (size_t i = 0; i < s->n; i++)
		impair_run_attach(s->inst[i].live, pl);
}

static void conn_close(void *arg, struct pkt_conn *c)
{
	(void)arg;
	if (c->hooks_arg)
		impair_run_detach(c->hooks_arg);
	c->hooks_arg = NULL;
}

/* The smallest that an instance asks for on the leg whose bytes it acts on. */
static size_t least_rcvbuf(const struct impairment_set *s, enum dir dir)
{
	size_t least = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct impair_inst *inst = &s->inst[i];
		bool asks = inst->type->rcvbuf && impair_inst_concerns(inst, dir);
		size_t n = asks ? inst->type->rcvbuf(inst->cfg) : 0;

		if (n && (!least || n < least))
			least = n;
	}
	return least;
}

void impairment_set_rcvbuf(const struct impairment_set *s, size_t n[LEG_COUNT])
{
	n[LEG_CLIENT] = least_rcvbuf(s, DIR_UPSTREAM);
	n[LEG_SERVER] = least_rcvbuf(s, DIR_DOWNSTREAM);
}

struct session_hooks impairment_set_session_hooks(struct impairment_set *s)
{
	return (struct session_hooks){.accept = session_accept,
				      .open = session_open,
				      .connected = session_connected,
				      .named = session_named,
				      .close = session_closed,
				      .arg = s};
}

static bool headers_suffice(const struct impairment_set *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->inst[i].type->packet && !s->inst[i].type->packet->headers_only)
			return false;
	return true;
}

struct pkt_hooks impairment_set_pkt_hooks(struct impairment_set *s)
{
	return (struct pkt_hooks){
	    .open = conn_open, .close = conn_close, .headers_only = headers_suffice(s), .arg = s};
}
