/* pkt_tracker.c - the packet plane: keeps what each connection has sent, and sees to it that every
 * packet gets exactly one verdict. */
#include "proxy/packet/pkt_tracker.h"

#include "proxy/base/mark.h"
#include "proxy/base/mem.h"
#include "proxy/packet/classify.h"
#include "proxy/packet/orig_dst.h"
#include "proxy/packet/pkt_tracker_internal.h"
#include "proxy/packet/syn_hold.h"

#include <string.h>

struct pkt_tracker {
	const struct env *env;
	struct pkt_selects selects;
	const struct pkt_backend_ops *ops;
	void *ops_arg;
	struct conn_table *conns;
	uint64_t sessions; /* numbers given so far */
	struct orig_dst_table orig_dst;
	struct pkt_stats stats;
};

static void forget(void *arg, struct pkt_entry *en)
{
	(void)arg;
	pkt_chain_free(&en->conn);
	if (en->hooks.close)
		en->hooks.close(en->hooks.arg, &en->conn);
	syn_hold_forget(en);
}

static void set_selects(struct pkt_tracker *pl, const struct pkt_select *select, size_t n)
{
	free(pl->selects.select);
	pl->selects.select = xcalloc(n + 1, sizeof(*select));
	for (size_t i = 0; i < n; i++)
		pl->selects.select[i] = select[i];
	pl->selects.n = n;
}

void pkt_tracker_numbered(struct pkt_tracker *pl, uint64_t sessions)
{
	pl->sessions = sessions;
}

struct pkt_tracker *pkt_tracker_new(const struct env *env, const struct pkt_select *select,
				    size_t n, const struct pkt_backend_ops *ops, void *ops_arg)
{
	struct pkt_tracker *pl = xcalloc(1, sizeof(*pl));

	pl->env = env;
	set_selects(pl, select, n);
	pl->ops = ops;
	pl->ops_arg = ops_arg;
	pl->conns = conn_table_new(env, forget, pl);
	return pl;
}

static bool any(void *arg, const struct pkt_entry *en)
{
	(void)arg;
	(void)en;
	return true;
}

void pkt_tracker_let_go(struct pkt_tracker *pl)
{
	set_selects(pl, NULL, 0);
	conn_table_remove_if(pl->conns, any, NULL);
}

void pkt_tracker_free(struct pkt_tracker *pl, struct pkt_stats *last)
{
	if (!pl)
		return;
	conn_table_free(pl->conns);
	if (last)
		*last = pl->stats;
	BUG_ON(pl->stats.held_now);
	BUG_ON(pl->stats.received != pl->stats.accepted + pl->stats.dropped);
	free(pl->selects.select);
	free(pl);
}

/* A forwarded connection that nobody watches any more, or somebody else. */
static bool changes_hands(void *arg, const struct pkt_entry *en)
{
	const struct pkt_tracker *pl = arg;
	const struct pkt_select *select = pkt_selects_find(&pl->selects, true, &en->conn.server);

	return en->role == PKT_ROLE_FORWARDED && (!select || select->hooks.arg != en->hooks.arg);
}

void pkt_tracker_select(struct pkt_tracker *pl, const struct pkt_select *select, size_t n)
{
	set_selects(pl, select, n);
	conn_table_remove_if(pl->conns, changes_hands, pl);
}

static void tell(const struct pkt_tracker *pl, const struct pkt_conn *c, const struct addr *server)
{
	char from[ADDR_TEXT], to[ADDR_TEXT];

	journal_event(pl->env->journal, "connection", "s:I, s:s, s:s, s:s", "session",
		      (json_int_t)c->session, "leg", c->forwarded ? "forwarded" : leg_name(c->leg),
		      "client", addr_format(&c->client, from), "server", addr_format(server, to));
}

/* Once for each: what the other lines, which name session and leg, are about on the wire. A
 * redirected one goes to wedge's listener, and its answers come from where the client wanted to. */
static void tell_connection(const struct pkt_tracker *pl, const struct pkt_conn *c)
{
	if (!pl->env->journal)
		return;
	tell(pl, c, &c->server);
	if (c->orig_dst.len)
		tell(pl, c, &c->orig_dst);
}

/* syn: the packet that it begins with, or NULL. */
static struct pkt_entry *open_entry(struct pkt_tracker *pl, const struct pkt_key *key,
				    struct pkt_hooks hooks, uint64_t session,
				    const struct tcp_view *syn)
{
	const struct addr *orig_dst =
	    syn ? orig_dst_find(&pl->orig_dst, &key->client, syn->seq) : NULL;
	struct pkt_entry *en = conn_table_add(pl->conns, key, session);

	en->conn.plane = pl;
	en->hooks = hooks;
	if (orig_dst)
		en->conn.orig_dst = *orig_dst;
	pl->stats.connections++;
	tell_connection(pl, &en->conn);
	if (hooks.open)
		hooks.open(hooks.arg, &en->conn);
	return en;
}

static struct pkt_entry *open_client(struct pkt_tracker *pl, const struct pkt_key *key,
				     const struct pkt_select *select, uint64_t session,
				     const struct tcp_view *syn)
{
	struct pkt_entry *en = open_entry(pl, key, select->hooks, session, syn);

	en->unwatched = select->match.syns_only;
	return en;
}

static struct pkt_entry *open_origin(struct pkt_tracker *pl, const struct pkt_identity *o,
				     const struct tcp_view *v)
{
	const struct pkt_entry *client;

	if (o->key.role != PKT_ROLE_SERVER_LEG)
		return open_client(pl, &o->key, o->select, ++pl->sessions, v);
	if (!mark_is_wedge(o->mark))
		return NULL;
	client = conn_table_find_mark(pl->conns, o->mark);
	return client ? open_entry(pl, &o->key, client->hooks, client->conn.session, NULL) : NULL;
}

/* A server leg's 4-tuple, used again by the socket of another session. */
static bool is_other_session(const struct pkt_entry *en, const struct pkt_identity *o)
{
	return en->role == PKT_ROLE_SERVER_LEG &&
	       mark_session(mark_server_leg(en->conn.session)) != mark_session(o->mark);
}

/* Nobody waits for an answer to its SYN any more, and another proxy takes it now. */
static bool is_forsaken(const struct pkt_entry *en, const struct pkt_identity *o)
{
	return en->role == PKT_ROLE_CLIENT_LEG && en->hooks.syn_held && !en->let_in &&
	       !en->conn.pending && o->select && o->select->hooks.arg != en->hooks.arg;
}

/* A client's port that a rule redirects once more, from another destination. */
static bool wants_other(const struct pkt_tracker *pl, const struct pkt_entry *en,
			const struct tcp_view *syn)
{
	const struct addr *to = orig_dst_find(&pl->orig_dst, &en->conn.client, syn->seq);

	return to && en->role == PKT_ROLE_CLIENT_LEG && !addr_equal(to, &en->conn.orig_dst);
}

/* A SYN on a known 4-tuple: sent again, on one that nothing comes through any more, tried again
 * before it was ever answered (the number is kept, what was seen is forgotten), or another
 * connection after the first is over. */
static struct pkt_entry *syn_again(struct pkt_tracker *pl, struct pkt_entry *en,
				   const struct pkt_identity *o, const struct tcp_view *v)
{
	struct pkt_half *half = en->conn.half;
	bool other = is_other_session(en, o) || is_forsaken(en, o) || wants_other(pl, en, v);

	if (!other &&
	    (en->conn.vanished || (half[DIR_UPSTREAM].seen && half[DIR_UPSTREAM].isn == v->seq)))
		return en;
	if (other || en->answered || en->closing) {
		conn_table_remove(pl->conns, en);
		return NULL;
	}
	memset(half, 0, sizeof(en->conn.half));
	half[DIR_UPSTREAM].wscale = half[DIR_DOWNSTREAM].wscale = -1;
	return en;
}

static struct pkt_entry *find_entry(struct pkt_tracker *pl, const struct pkt_identity *o,
				    const struct tcp_view *v)
{
	struct pkt_entry *en = conn_table_find(pl->conns, &o->key);

	if (en && o->dir == DIR_UPSTREAM && pkt_is_opening_syn(v))
		en = syn_again(pl, en, o, v);
	return en ? en : open_origin(pl, o, v);
}

static void track(struct pkt_half *h, const struct tcp_view *v)
{
	uint32_t end = v->seq + tcp_seq_len(v);

	h->packets++;
	h->bytes += v->payload_len;
	if (v->flags & TCP_RST) {
		h->rst = true;
		return; /* its other fields may be anything (RFC 9293 section 3.5.2) */
	}
	if (v->flags & TCP_SYN) {
		h->syn = true;
		h->isn = v->seq;
		h->wscale = v->wscale;
		h->mss = v->mss;
	}
	if (!h->seen || seq_diff(end, h->next) > 0)
		h->next = end;
	h->seen = true;
	if ((v->flags & TCP_ACK) && (!h->ack_seen || seq_diff(v->ack, h->ack) > 0)) {
		h->ack = v->ack;
		h->ack_seen = true;
	}
	h->window = v->window;
	if (v->flags & TCP_FIN)
		h->fin = true;
}

static void verdict(struct pkt_tracker *pl, uint32_t id, bool accept, const uint8_t *data,
		    size_t len)
{
	if (accept)
		pl->stats.accepted++;
	else
		pl->stats.dropped++;
	if (pl->ops->verdict(pl->ops_arg, id, accept, data, len) == -1)
		pl->stats.errors++;
}

void pkt_tracker_verdict(struct pkt_tracker *pl, struct pkt *p, bool accept)
{
	bool changed = accept && p->modified;

	if (p->made) {
		if (accept)
			pkt_inject(p->conn, p->data, p->len);
	} else {
		pl->stats.modified += changed;
		verdict(pl, p->id, accept, changed ? p->data : NULL, changed ? p->len : 0);
	}
	free(p->data);
	free(p);
}

/* The caller sets what else it is. */
static struct pkt *packet_new(struct pkt_conn *c, enum dir dir, const uint8_t *data, size_t len)
{
	struct pkt *p = xcalloc(1, sizeof(*p));

	p->conn = c;
	p->dir = dir;
	p->arrived = c->last_seen;
	p->data = xcalloc(1, len);
	memcpy(p->data, data, len);
	p->len = len;
	BUG_ON(!tcp_view_parse(&p->tcp, p->data, len));
	p->cut = len < p->tcp.ip_len;
	return p;
}

static void seen(struct pkt_tracker *pl, struct pkt_entry *en, enum dir dir,
		 const struct tcp_view *v)
{
	track(&en->conn.half[dir], v);
	en->answered |= dir == DIR_UPSTREAM && !(v->flags & (TCP_SYN | TCP_RST));
	conn_table_touch(pl->conns, en, clock_now(pl->env->clock));
}

void pkt_tracker_make(struct pkt_conn *c, enum dir dir, const uint8_t *data, size_t len)
{
	struct pkt *p = packet_new(c, dir, data, len);

	p->made = true;
	seen(c->plane, conn_table_entry(c), dir, &p->tcp);
	pkt_chain_run(c->first, p);
}

static bool is_redirected(const struct pkt_tracker *pl)
{
	for (size_t i = 0; i < pl->selects.n; i++)
		if (pl->selects.select[i].match.redirected)
			return true;
	return false;
}

/* A SYN of this host's on its way out, which a rule is about to redirect. */
static bool tells_wanted(const struct pkt_tracker *pl, enum pkt_hook hook, uint32_t mark,
			 const struct tcp_view *v)
{
	return hook == PKT_HOOK_OUT && !mark && pkt_is_opening_syn(v) && is_redirected(pl);
}

static bool told_unreachable(const struct pkt_tracker *pl, const uint8_t *data, size_t len)
{
	struct unreachable u;

	if (!unreachable_parse(&u, data, len))
		return false;
	for (size_t i = 0; i < pl->selects.n; i++) {
		const struct pkt_hooks *hooks = &pl->selects.select[i].hooks;

		if (hooks->unreachable && hooks->unreachable(hooks->arg, &u))
			return true;
	}
	return false;
}

static void known_packet(struct pkt_tracker *pl, struct pkt_entry *en, enum dir dir, uint32_t id,
			 const struct tcp_view *v, const uint8_t *data, size_t len)
{
	struct pkt *p;

	seen(pl, en, dir, v);
	if (en->conn.pending && dir == DIR_UPSTREAM && (v->flags & TCP_RST) && en->hooks.gave_up)
		en->hooks.gave_up(en->hooks.arg, &en->conn);
	if (!en->conn.first && !syn_hold_wants(en, v)) {
		verdict(pl, id, true, NULL, 0);
		return;
	}
	p = packet_new(&en->conn, dir, data, len);
	p->id = id;
	pkt_chain_run(en->conn.first, p);
}

void pkt_tracker_packet(struct pkt_tracker *pl, uint32_t id, enum pkt_hook hook, uint32_t mark,
			const uint8_t *data, size_t len)
{
	struct pkt_identity o = {.mark = mark};
	struct pkt_entry *en = NULL;
	struct tcp_view v;

	pl->stats.received++;
	if (!tcp_view_parse(&v, data, len)) {
		pl->stats.unparsed++;
		verdict(pl, id, !told_unreachable(pl, data, len), NULL, 0);
		return;
	}
	if (tells_wanted(pl, hook, mark, &v))
		orig_dst_add(&pl->orig_dst, &v.src, v.seq, &v.dst);
	if (pkt_classify(&pl->selects, pl->conns, &v, hook, &o))
		en = find_entry(pl, &o, &v);
	if (en) {
		known_packet(pl, en, o.dir, id, &v, data, len);
		return;
	}
	pl->stats.foreign++;
	verdict(pl, id, true, NULL, 0);
}

uint64_t pkt_tracker_session_number(struct pkt_tracker *pl, const struct addr *client,
				    const struct addr *local, void **pending)
{
	struct pkt_key key = {.role = PKT_ROLE_CLIENT_LEG, .client = *client, .server = *local};
	const struct pkt_select *select;
	struct pkt_entry *en;

	*pending = NULL;
	addr_unmap(&key.client);
	addr_unmap(&key.server);
	en = conn_table_find(pl->conns, &key);
	if (en) {
		*pending = en->conn.pending;
		en->conn.pending = NULL;
		conn_table_touch(pl->conns, en, clock_now(pl->env->clock));
		return en->conn.session;
	}
	select = pkt_selects_find(&pl->selects, false, &key.server);
	return select ? open_client(pl, &key, select, ++pl->sessions, NULL)->conn.session
		      : ++pl->sessions;
}

void pkt_tracker_adopt(struct pkt_tracker *pl, const struct addr *client, const struct addr *local,
		       uint64_t number)
{
	const struct pkt_key key = {
	    .role = PKT_ROLE_CLIENT_LEG, .client = *client, .server = *local};
	const struct pkt_select *select = pkt_selects_find(&pl->selects, false, local);
	struct pkt_entry *en = conn_table_find(pl->conns, &key);

	if (select && !en)
		en = open_client(pl, &key, select, number, NULL);
	if (!en)
		return;
	en->unwatched = select && select->match.syns_only;
	conn_table_touch(pl->conns, en, clock_now(pl->env->clock));
}

void pkt_tracker_held(struct pkt_tracker *pl, int change)
{
	if (change > 0)
		pl->stats.held_total++;
	pl->stats.held_now += (uint64_t)(int64_t)change;
}

void pkt_tracker_inject(struct pkt_tracker *pl, const uint8_t *data, size_t len, bool here)
{
	pl->stats.injected++;
	if (pl->ops->inject(pl->ops_arg, data, len, here) == -1)
		pl->stats.errors++;
}

void pkt_tracker_error(struct pkt_tracker *pl)
{
	pl->stats.errors++;
}

void pkt_tracker_stats(const struct pkt_tracker *pl, struct pkt_stats *out)
{
	*out = pl->stats;
}
