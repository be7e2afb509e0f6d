/* hooks.c - keeps the records of sessions up to date and attaches stages; all decisions are the
 * gates', but those at accept. */
#include "impairments/live/hooks.h"

#include "impairments/live/gate.h"
#include "impairments/live/http1_tap.h"
#include "impairments/live/run.h"
#include "impairments/live/sni_tap.h"
#include "proxy/base/mem.h"
#include "proxy/stream/session_upgrade.h"
#include "proxy/stream/tls/tls_session.h"

#define TELL_MOST 10u /* lines without -v: a thousand clients say the same thousand times */

static struct attachment *find_attachment(struct impair_run *run, const struct impair_proxy *p,
					  struct session *session)
{
	struct session_record *rec =
	    session_records_get(&run->records, session->number, &p->draw, &session->client);
	struct attachment *att;

	TAILQ_FOREACH (att, &rec->attachments, entry)
		if (att->session == session)
			return att;
	rec->client = session->client;
	rec->port = session->upstream_port;
	rec->server = session->literal;
	return session_record_attach(rec, p, session, NULL);
}

/* At accept no byte has come and no time has passed, so an instance with an after doesn't act. */
static bool acts_at_accept(struct impair_live *live, const struct session_record *rec)
{
	struct facts facts = session_record_facts(rec, live);
	struct impair_tally *t = &live->tally;
	bool chosen = impair_live_chosen(live, rec->draw);
	const char *why;
	bool matches = match_session(&live->trigger.match, &facts, &why) == MATCH_YES;
	bool active = live->inst->when.enabled && live->schedule.on &&
		      !live->trigger.window.after.n && !live->trigger.window.after_span && chosen &&
		      matches;

	t->placed = true;
	t->matched |= matches;
	t->chosen |= matches && chosen;
	t->active |= active;
	t->enabled |= live->inst->when.enabled;
	return active;
}

static struct accept_info make_accept_info(struct impair_live *live,
					   const struct session_record *rec)
{
	return (struct accept_info){.env = live->env,
				    .name = live->inst->name,
				    .session = rec->number,
				    .client = rec->client,
				    .chance = impair_live_delay_rng(live, rec->draw),
				    .active = acts_at_accept(live, rec)};
}

static void session_accept(void *arg, struct session *session, struct accept_verdict *verdict)
{
	struct impair_proxy *p = arg;
	struct impairment_set *s = p->set;
	struct impair_run *run = impair_run_get(s, &session->table->env);
	struct session_record *rec = find_attachment(run, p, session)->record;

	/* Also by the instances behind one that refuses it. */
	for (size_t i = 0; i < s->n; i++)
		if (impair_proxy_concerns(p, &s->inst[i], &rec->client) &&
		    impair_inst_meets(&s->inst[i], rec->number))
			session_record_count(rec, s->inst[i].live, false);
	for (size_t i = 0; i < s->n && verdict->action == ACCEPT_GO; i++) {
		const struct impairment *type = s->inst[i].type;
		struct impair_live *live = s->inst[i].live;
		struct accept_info info;

		if (!type->accept || !impair_proxy_concerns(p, &s->inst[i], &rec->client))
			continue;
		info = make_accept_info(live, rec);
		type->accept->accept(live->shared, s->inst[i].cfg, &info, verdict);
		if (verdict->action != ACCEPT_GO)
			session_record_acted(rec, live);
		if (verdict->action == ACCEPT_GO && type->accept->gone)
			session_record_admit(rec, live);
	}
}

static void session_open(void *arg, struct session *session)
{
	struct impair_proxy *p = arg;
	struct impairment_set *s = p->set;
	struct impair_run *run = impair_run_get(s, &session->table->env);
	struct attachment *att = find_attachment(run, p, session);

	if (impair_run_wants_requests(run))
		http1_tap_attach(att->record, &session->flow[DIR_UPSTREAM]);
	for (size_t i = 0; i < s->n; i++)
		impair_run_attach(s->inst[i].live, att, false);
	if (impair_run_wants_sni(run) && !session_upgrade_awaited(session))
		sni_tap_attach(att->record, &session->flow[DIR_UPSTREAM], false);
}

static void session_connected(void *arg, struct session *session)
{
	struct impair_proxy *p = arg;
	struct session_record *rec = find_attachment(p->set->run, p, session)->record;

	rec->server = session->server;
	addr_unmap(&rec->server);
	rec->port = addr_port(&rec->server);
	impair_run_learnt(rec);
}

/* Where wedge ends the client's TLS, flows have clear text: the name comes from the TLS session. */
static void session_named(void *arg, struct session *session)
{
	struct impair_proxy *p = arg;
	struct session_record *rec = find_attachment(p->set->run, p, session)->record;
	const char *name = tls_session_sni(session->tls);

	if (name && sni_set_name(&rec->sni, name))
		impair_run_learnt(rec);
}

/* A flow that is in clear text then, where wedge decrypts, has no name to be read from it. */
static void session_tls_began(void *arg, struct session *session)
{
	struct impair_proxy *p = arg;
	struct attachment *att = find_attachment(p->set->run, p, session);
	struct gate *g;

	if (impair_run_wants_sni(p->set->run) && !session->tls)
		sni_tap_attach(att->record, &session->flow[DIR_UPSTREAM], true);
	TAILQ_FOREACH (g, &att->gates, of_attachment)
		gate_tls_began(g);
}

static bool lacks_tls(const struct gate *g)
{
	return g->waits || (g->live->trigger.match.sni && g->match != MATCH_YES &&
			    g->attachment->record->sni.state != SNI_FOUND);
}

/* At the session's end: what was to act on its TLS, which never came. */
static void tell_waiting(const struct attachment *att)
{
	const struct session *s = att->session;
	const struct gate *g;

	TAILQ_FOREACH (g, &att->gates, of_attachment)
		if (g->live->inst->when.enabled && lacks_tls(g))
			(s->table->tls_told++ < TELL_MOST ? log_warn : log_info)(
			    s->table->env.log, "session %llu (%s): %s never acted: %s",
			    (unsigned long long)s->number, s->config.proxy, g->live->inst->name,
			    g->waits ? "it is about TLS, which never began"
				     : "the client has named no server in TLS");
}

static void session_closed(void *arg, struct session *session)
{
	struct impair_proxy *p = arg;
	struct attachment *att;
	struct session_record *rec;

	if (!p->set->run)
		return;
	att = find_attachment(p->set->run, p, session);
	rec = att->record;
	for (size_t i = 0; i < rec->nadmitted; i++) {
		struct impair_live *live = rec->admitted[i];
		struct accept_info info = make_accept_info(live, rec);

		live->inst->type->accept->gone(live->shared, live->inst->cfg, &info);
	}
	rec->nadmitted = 0;
	tell_waiting(att);
	impair_run_detach(att);
}

/* Each leg of a terminated session shows the address of one of its ends. */
static void learn_from_conn(struct session_record *rec, const struct pkt_conn *c)
{
	if (c->forwarded || c->leg == LEG_CLIENT)
		rec->client = c->client;
	if (!rec->port && c->upstream_port) {
		rec->server = c->upstream;
		rec->port = c->upstream_port;
	}
	if (c->forwarded || c->leg == LEG_SERVER) {
		rec->server = c->server;
		rec->port = addr_port(&c->server);
		impair_run_learnt(rec);
	}
}

static void conn_open(void *arg, struct pkt_conn *c)
{
	struct impair_proxy *p = arg;
	struct impairment_set *s = p->set;
	struct session_record *rec = session_records_get(&impair_run_get(s, c->env)->records,
							 c->session, &p->draw, &c->client);
	struct attachment *att;

	learn_from_conn(rec, c);
	att = session_record_attach(rec, p, NULL, c);
	c->hooks_arg = att;
	for (size_t i = 0; i < s->n; i++)
		impair_run_attach(s->inst[i].live, att, rec->elsewhere);
}

static void conn_close(void *arg, struct pkt_conn *c)
{
	(void)arg;
	if (c->hooks_arg)
		impair_run_detach(c->hooks_arg);
	c->hooks_arg = NULL;
}

/* Returns the smallest receive buffer that an instance needs where bytes of dir come from; 0: none
 * needs one. */
static size_t least_rcvbuf(const struct impair_proxy *p, enum dir dir)
{
	const struct impairment_set *s = p->set;
	size_t least = 0;

	for (size_t i = 0; i < s->n; i++) {
		const struct impair_inst *inst = &s->inst[i];
		bool asks = inst->type->rcvbuf && impair_inst_concerns(inst, dir) &&
			    impair_proxy_concerns(p, inst, NULL);
		size_t n = asks ? inst->type->rcvbuf(inst->cfg) : 0;

		if (n && (!least || n < least))
			least = n;
	}
	return least;
}

void impair_proxy_sessions(const struct impair_proxy *p, struct session_config *c)
{
	c->rcvbuf[LEG_CLIENT] = least_rcvbuf(p, DIR_UPSTREAM);
	c->rcvbuf[LEG_SERVER] = least_rcvbuf(p, DIR_DOWNSTREAM);
	for (enum dir dir = 0; dir < DIR_COUNT; dir++)
		c->paced[dir] = impair_proxy_ack_hold(p, dir) > 0;
	c->reads_tls = false;
	for (size_t i = 0; i < p->set->n; i++)
		c->reads_tls |=
		    p->set->inst[i].type->stream && (impair_inst_reads_tls(&p->set->inst[i]) ||
						     impair_inst_names_sni(&p->set->inst[i]));
	c->one_by_one = false;
	for (size_t i = 0; i < p->set->n; i++)
		c->one_by_one |= p->set->inst[i].type->packet &&
				 impair_proxy_concerns(p, &p->set->inst[i], NULL);
}

struct session_hooks impair_proxy_session_hooks(struct impair_proxy *p)
{
	return (struct session_hooks){.accept = session_accept,
				      .open = session_open,
				      .connected = session_connected,
				      .named = session_named,
				      .tls_began = session_tls_began,
				      .close = session_closed,
				      .arg = p};
}

static enum pkt_copy copy_for_all(const struct impair_proxy *p)
{
	const struct impairment_set *s = p->set;
	enum pkt_copy copy = PKT_COPY_HEADERS;

	for (size_t i = 0; i < s->n; i++) {
		const struct pkt_ops *ops = s->inst[i].type->packet;

		if (ops && pkt_ops_copy(ops) < copy && impair_proxy_concerns(p, &s->inst[i], NULL))
			copy = pkt_ops_copy(ops);
	}
	return copy;
}

struct pkt_hooks impair_proxy_pkt_hooks(struct impair_proxy *p)
{
	return (struct pkt_hooks){
	    .open = conn_open, .close = conn_close, .copy = copy_for_all(p), .arg = p};
}
