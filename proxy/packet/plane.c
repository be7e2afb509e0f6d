/* plane.c - the packet plane: tells whose a packet is, keeps what each connection has sent, and
 * sees to it that every packet gets exactly one verdict. */
#include "proxy/packet/plane.h"

#include "proxy/base/mark.h"
#include "proxy/base/mem.h"
#include "proxy/packet/conn_table.h"
#include "proxy/packet/plane_internal.h"

#include <string.h>

struct pkt_plane {
	const struct env *env;
	struct pkt_select *select;
	size_t nselect;
	const struct pkt_backend_ops *ops;
	void *ops_arg;
	struct conn_table *conns;
	uint64_t sessions; /* numbers given so far */
	struct pkt_stats stats;
};

/* Whose a packet is. */
struct origin {
	struct pkt_key key;
	const struct pkt_select *select;
	enum dir dir;
	uint32_t mark; /* server legs: tells the session */
};

static void forget(void *arg, struct pkt_entry *en)
{
	(void)arg;
	pkt_chain_free(&en->conn);
	if (en->hooks.close)
		en->hooks.close(en->hooks.arg, &en->conn);
}

static void set_selects(struct pkt_plane *pl, const struct pkt_select *select, size_t n)
{
	free(pl->select);
	pl->select = xcalloc(n + 1, sizeof(*select));
	for (size_t i = 0; i < n; i++)
		pl->select[i] = select[i];
	pl->nselect = n;
}

void pkt_plane_numbered(struct pkt_plane *pl, uint64_t sessions)
{
	pl->sessions = sessions;
}

struct pkt_plane *pkt_plane_new(const struct env *env, const struct pkt_select *select, size_t n,
				const struct pkt_backend_ops *ops, void *ops_arg)
{
	struct pkt_plane *pl = xcalloc(1, sizeof(*pl));

	pl->env = env;
	set_selects(pl, select, n);
	pl->ops = ops;
	pl->ops_arg = ops_arg;
	pl->conns = conn_table_new(env, forget, pl);
	return pl;
}

void pkt_plane_free(struct pkt_plane *pl, struct pkt_stats *last)
{
	if (!pl)
		return;
	conn_table_free(pl->conns);
	if (last)
		*last = pl->stats;
	BUG_ON(pl->stats.held_now);
	BUG_ON(pl->stats.received != pl->stats.accepted + pl->stats.dropped);
	free(pl->select);
	free(pl);
}

static bool matches(const struct pkt_select *s, const struct addr *a)
{
	struct addr portless = *a;

	if (s->transparent)
		return tproxy_select_matches(&s->taken, a);
	if (addr_port(&s->addr) == 0)
		addr_set_port(&portless, 0);
	else if (addr_port(&s->addr) != addr_port(a))
		return false;
	if (addr_is_any(&s->addr))
		return s->addr.sa.sa_family == AF_INET6 || a->sa.sa_family == AF_INET;
	return addr_equal(&s->addr, &portless);
}

static const struct pkt_select *find_select(const struct pkt_plane *pl, bool forwarded,
					    const struct addr *a)
{
	for (size_t i = 0; i < pl->nselect; i++)
		if (pl->select[i].forwarded == forwarded && matches(&pl->select[i], a))
			return &pl->select[i];
	return NULL;
}

/* A forwarded connection that nobody watches any more, or somebody else. */
static bool changes_hands(void *arg, const struct pkt_entry *en)
{
	const struct pkt_select *select = find_select(arg, true, &en->conn.server);

	return en->role == PKT_ROLE_FORWARDED && (!select || select->hooks.arg != en->hooks.arg);
}

void pkt_plane_select(struct pkt_plane *pl, const struct pkt_select *select, size_t n)
{
	set_selects(pl, select, n);
	conn_table_remove_if(pl->conns, changes_hands, pl);
}

static void set_origin(struct origin *o, enum pkt_role role, enum dir dir, const struct tcp_view *v)
{
	o->key.role = role;
	o->key.client = dir == DIR_UPSTREAM ? v->src : v->dst;
	o->key.server = dir == DIR_UPSTREAM ? v->dst : v->src;
	o->dir = dir;
}

static bool forwarded_origin(const struct pkt_plane *pl, const struct tcp_view *v, struct origin *o)
{
	o->select = find_select(pl, true, &v->dst);
	if (o->select) {
		set_origin(o, PKT_ROLE_FORWARDED, DIR_UPSTREAM, v);
		return true;
	}
	o->select = find_select(pl, true, &v->src);
	set_origin(o, PKT_ROLE_FORWARDED, DIR_DOWNSTREAM, v);
	return o->select != NULL;
}

/* A transparent selection is by the server's address, which an address at wedge's end of another
 * connection may be too: only what a client sends can begin a client leg there. */
static bool begins_nothing(const struct pkt_plane *pl, const struct tcp_view *v, bool in,
			   const struct origin *o)
{
	bool begins = in && (v->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;

	return o->select->transparent && !begins && !conn_table_find(pl->conns, &o->key);
}

/* A packet of the proxy's own sockets: a server leg's socket tells its session by its mark, and at
 * a client leg the local end is a listener's address or a transparent selection's. An RST that no
 * socket sent has no mark: it answers what came for a server leg whose socket is gone. */
static bool own_origin(const struct pkt_plane *pl, const struct tcp_view *v, bool in,
		       struct origin *o)
{
	bool server_leg = mark_is_wedge(o->mark) && mark_session(o->mark);

	o->select = server_leg ? NULL : find_select(pl, false, in ? &v->dst : &v->src);
	if (o->select) {
		set_origin(o, PKT_ROLE_CLIENT_LEG, in ? DIR_UPSTREAM : DIR_DOWNSTREAM, v);
		if (!begins_nothing(pl, v, in, o))
			return true;
	}
	if (!mark_is_wedge(o->mark) && (in || !(v->flags & TCP_RST)))
		return false;
	set_origin(o, PKT_ROLE_SERVER_LEG, in ? DIR_DOWNSTREAM : DIR_UPSTREAM, v);
	return true;
}

/* Once for each: what the other lines, which name session and leg, are about on the wire. */
static void tell_connection(const struct pkt_plane *pl, const struct pkt_conn *c)
{
	char client[ADDR_TEXT], server[ADDR_TEXT];

	if (!pl->env->journal)
		return;
	journal_event(pl->env->journal, "connection", "s:I, s:s, s:s, s:s", "session",
		      (json_int_t)c->session, "leg", c->forwarded ? "forwarded" : leg_name(c->leg),
		      "client", addr_format(&c->client, client), "server",
		      addr_format(&c->server, server));
}

static struct pkt_entry *open_entry(struct pkt_plane *pl, const struct pkt_key *key,
				    struct pkt_hooks hooks, uint64_t session)
{
	struct pkt_entry *en = conn_table_add(pl->conns, key, session);

	en->conn.plane = pl;
	en->hooks = hooks;
	pl->stats.connections++;
	tell_connection(pl, &en->conn);
	if (hooks.open)
		hooks.open(hooks.arg, &en->conn);
	return en;
}

static struct pkt_entry *open_origin(struct pkt_plane *pl, const struct origin *o)
{
	const struct pkt_entry *client;

	if (o->key.role != PKT_ROLE_SERVER_LEG)
		return open_entry(pl, &o->key, o->select->hooks, ++pl->sessions);
	if (!mark_is_wedge(o->mark))
		return NULL;
	client = conn_table_find_mark(pl->conns, o->mark);
	return client ? open_entry(pl, &o->key, client->hooks, client->conn.session) : NULL;
}

/* A server leg's 4-tuple, used again by the socket of another session. */
static bool is_other_session(const struct pkt_entry *en, const struct origin *o)
{
	return en->role == PKT_ROLE_SERVER_LEG &&
	       mark_session(mark_server_leg(en->conn.session)) != mark_session(o->mark);
}

/* A SYN on a known 4-tuple: sent again, on one that nothing comes through any more, tried again
 * before it was ever answered (the number is kept, what was seen is forgotten), or another
 * connection after the first is over. */
static struct pkt_entry *syn_again(struct pkt_plane *pl, struct pkt_entry *en,
				   const struct origin *o, const struct tcp_view *v)
{
	struct pkt_half *half = en->conn.half;
	bool other = is_other_session(en, o);

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

static struct pkt_entry *find_entry(struct pkt_plane *pl, const struct origin *o,
				    const struct tcp_view *v)
{
	struct pkt_entry *en = conn_table_find(pl->conns, &o->key);

	if (en && o->dir == DIR_UPSTREAM && (v->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN)
		en = syn_again(pl, en, o, v);
	return en ? en : open_origin(pl, o);
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

static void verdict(struct pkt_plane *pl, uint32_t id, bool accept, const uint8_t *data, size_t len)
{
	if (accept)
		pl->stats.accepted++;
	else
		pl->stats.dropped++;
	if (pl->ops->verdict(pl->ops_arg, id, accept, data, len) == -1)
		pl->stats.errors++;
}

void pkt_plane_verdict(struct pkt_plane *pl, struct pkt *p, bool accept)
{
	bool changed = accept && p->modified;

	pl->stats.modified += changed;
	verdict(pl, p->id, accept, changed ? p->data : NULL, changed ? p->len : 0);
	free(p->data);
	free(p);
}

static void run_stages(struct pkt_entry *en, const struct origin *o, uint32_t id,
		       const uint8_t *data, size_t len)
{
	struct pkt *p = xcalloc(1, sizeof(*p));

	p->conn = &en->conn;
	p->dir = o->dir;
	p->arrived = en->conn.last_seen;
	p->data = xcalloc(1, len);
	memcpy(p->data, data, len);
	p->len = len;
	p->id = id;
	BUG_ON(!tcp_view_parse(&p->tcp, p->data, len));
	p->cut = len < p->tcp.ip_len;
	pkt_chain_run(en->conn.first, p);
}

void pkt_plane_packet(struct pkt_plane *pl, uint32_t id, enum pkt_hook hook, uint32_t mark,
		      const uint8_t *data, size_t len)
{
	struct origin o = {.mark = mark};
	struct pkt_entry *en = NULL;
	struct tcp_view v;

	pl->stats.received++;
	if (!tcp_view_parse(&v, data, len)) {
		pl->stats.unparsed++;
		verdict(pl, id, true, NULL, 0);
		return;
	}
	if (hook == PKT_HOOK_FORWARD ? forwarded_origin(pl, &v, &o)
				     : own_origin(pl, &v, hook == PKT_HOOK_IN, &o))
		en = find_entry(pl, &o, &v);
	if (!en) {
		pl->stats.foreign++;
		verdict(pl, id, true, NULL, 0);
		return;
	}
	track(&en->conn.half[o.dir], &v);
	en->answered |= o.dir == DIR_UPSTREAM && !(v.flags & (TCP_SYN | TCP_RST));
	conn_table_touch(pl->conns, en, clock_now(pl->env->clock));
	if (en->conn.first)
		run_stages(en, &o, id, data, len);
	else
		verdict(pl, id, true, NULL, 0);
}

uint64_t pkt_plane_session_number(struct pkt_plane *pl, const struct addr *client,
				  const struct addr *local)
{
	struct pkt_key key = {.role = PKT_ROLE_CLIENT_LEG, .client = *client, .server = *local};
	const struct pkt_select *select;
	struct pkt_entry *en;

	addr_unmap(&key.client);
	addr_unmap(&key.server);
	en = conn_table_find(pl->conns, &key);
	if (en)
		return en->conn.session;
	select = find_select(pl, false, &key.server);
	return select ? open_entry(pl, &key, select->hooks, ++pl->sessions)->conn.session
		      : ++pl->sessions;
}

void pkt_plane_adopt(struct pkt_plane *pl, const struct addr *client, const struct addr *local,
		     uint64_t number)
{
	const struct pkt_key key = {
	    .role = PKT_ROLE_CLIENT_LEG, .client = *client, .server = *local};
	const struct pkt_select *select = find_select(pl, false, local);

	if (select && !conn_table_find(pl->conns, &key))
		open_entry(pl, &key, select->hooks, number);
}

void pkt_plane_held(struct pkt_plane *pl, int change)
{
	if (change > 0)
		pl->stats.held_total++;
	pl->stats.held_now += (uint64_t)(int64_t)change;
}

void pkt_plane_inject(struct pkt_plane *pl, const uint8_t *data, size_t len, bool here)
{
	pl->stats.injected++;
	if (pl->ops->inject(pl->ops_arg, data, len, here) == -1)
		pl->stats.errors++;
}

void pkt_plane_error(struct pkt_plane *pl)
{
	pl->stats.errors++;
}

void pkt_plane_stats(const struct pkt_plane *pl, struct pkt_stats *out)
{
	*out = pl->stats;
}
