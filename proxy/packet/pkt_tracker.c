/* pkt_tracker.c - the host of all stages: here alone packets get a verdict, and are counted. */
#include "proxy/packet/pkt_tracker.h"

#include "proxy/base/mark.h"
#include "proxy/base/mem.h"
#include "proxy/packet/checksum.h"
#include "proxy/packet/classify.h"
#include "proxy/packet/conn_wire.h"
#include "proxy/packet/host_table.h"
#include "proxy/packet/orig_dst.h"
#include "proxy/packet/syn_hold.h"
#include "proxy/packet/unknown_host.h"

#include <stdatomic.h>
#include <string.h>

struct pkt_tracker {
	const struct env *env;
	struct pkt_selects selects;
	const struct pkt_backend_ops *ops;
	void *ops_arg;
	struct conn_table *conns;
	_Atomic uint64_t own, *numbers; /* the last session's; of others too unless it is own */
	struct orig_dst_table orig_dst;
	struct host_table forwarded_hosts, hosts;
	struct unknown_host unknown;
	struct pkt_stats stats;
};

static void give_verdict(struct pkt_tracker *t, uint32_t id, bool accept, const uint8_t *data,
			 size_t len)
{
	if (accept)
		t->stats.accepted++;
	else
		t->stats.dropped++;
	if (t->ops->verdict(t->ops_arg, id, accept, data, len) == -1)
		t->stats.errors++;
}

static void host_verdict(struct pkt *p, bool accept)
{
	struct pkt_tracker *t = p->conn->host_arg;
	bool changed = accept && p->modified;

	if (p->made) {
		if (accept)
			pkt_inject(p->conn, p->data, p->len);
	} else {
		t->stats.modified += changed;
		give_verdict(t, p->id, accept, changed ? p->data : NULL, changed ? p->len : 0);
	}
	free(p->data);
	free(p);
}

static void host_passed_all(struct pkt *p)
{
	if (!syn_hold_take(p))
		host_verdict(p, true);
}

static void host_held(struct pkt_conn *c, int change)
{
	struct pkt_tracker *t = c->host_arg;

	if (change > 0)
		t->stats.held_total++;
	t->stats.held_now += (uint64_t)(int64_t)change;
}

static void host_inject(struct pkt_conn *c, const uint8_t *data, size_t len, bool here)
{
	struct pkt_tracker *t = c->host_arg;

	t->stats.injected++;
	t->stats.errors += t->ops->inject(t->ops_arg, data, len, here) == -1;
}

static void host_error(struct pkt_conn *c)
{
	struct pkt_tracker *t = c->host_arg;

	t->stats.errors++;
}

/* The caller sets what else it is. */
static struct pkt *packet_new(struct pkt_conn *c, enum dir dir, int64_t waited, const uint8_t *data,
			      size_t len)
{
	struct pkt *p = xcalloc(1, sizeof(*p));

	p->conn = c;
	p->dir = dir;
	p->arrived = p->came = c->last_seen - waited;
	p->data = xcalloc(1, len);
	memcpy(p->data, data, len);
	p->len = len;
	BUG_ON(!tcp_view_parse(&p->tcp, p->data, len));
	p->cut = len < p->tcp.ip_len;
	p->modified = !p->cut && checksum_normalize(&p->tcp, p->data);
	return p;
}

static struct host_table *hosts_of(struct pkt_tracker *t, const struct pkt_conn *c)
{
	return c->forwarded ? &t->forwarded_hosts : &t->hosts;
}

static void recall_hosts(struct pkt_tracker *t, struct pkt_conn *c)
{
	host_table_get(hosts_of(t, c), &c->client, &c->sender[DIR_UPSTREAM]);
	host_table_get(hosts_of(t, c), &c->server, &c->sender[DIR_DOWNSTREAM]);
}

static void note_sender(struct pkt_tracker *t, struct pkt_conn *c, enum dir dir,
			const struct tcp_view *v)
{
	struct pkt_sender *s = &c->sender[dir];
	const struct pkt_sender old = *s;

	pkt_sender_note(s, v, clock_now(t->env->clock), c->half[dir_reverse(dir)].mss);
	if (!old.seen || s->clock.known != old.clock.known ||
	    s->marks.hop_limit != old.marks.hop_limit ||
	    s->marks.traffic_class != old.marks.traffic_class)
		host_table_put(hosts_of(t, c), dir == DIR_UPSTREAM ? &c->client : &c->server, s);
}

static void track_packet(struct pkt_tracker *t, struct pkt_entry *en, enum dir dir,
			 const struct tcp_view *v)
{
	pkt_half_track(&en->conn.half[dir], v);
	en->answered |= dir == DIR_UPSTREAM && !(v->flags & (TCP_SYN | TCP_RST));
	conn_table_touch(t->conns, en, clock_now(t->env->clock));
}

static void host_make(struct pkt_conn *c, enum dir dir, const uint8_t *data, size_t len)
{
	struct pkt *p = packet_new(c, dir, 0, data, len);

	p->made = true;
	track_packet(c->host_arg, conn_table_entry(c), dir, &p->tcp);
	pkt_chain_run(c->first, p);
}

static const struct pkt_host_ops tracker_host = {
    .passed_all = host_passed_all,
    .verdict = host_verdict,
    .held = host_held,
    .inject = host_inject,
    .make = host_make,
    .error = host_error,
};

static void forget_entry(void *arg, struct pkt_entry *en)
{
	(void)arg;
	pkt_chain_free(&en->conn);
	en->hooks.close(en->hooks.arg, &en->conn);
	syn_hold_forget(&en->conn);
}

void pkt_tracker_count_in(struct pkt_tracker *t, _Atomic uint64_t *numbers)
{
	t->numbers = numbers;
}

struct pkt_tracker *pkt_tracker_new(const struct env *env, const struct pkt_select *select,
				    size_t n, const struct pkt_backend_ops *ops, void *ops_arg)
{
	struct pkt_tracker *t = xcalloc(1, sizeof(*t));

	t->env = env;
	t->numbers = &t->own;
	pkt_selects_set(&t->selects, select, n);
	t->ops = ops;
	t->ops_arg = ops_arg;
	t->conns = conn_table_new(env, forget_entry, t);
	return t;
}

static bool is_any_entry(void *arg, const struct pkt_entry *en)
{
	(void)arg;
	(void)en;
	return true;
}

void pkt_tracker_let_go(struct pkt_tracker *t)
{
	pkt_selects_set(&t->selects, NULL, 0);
	conn_table_remove_if(t->conns, is_any_entry, NULL);
}

void pkt_tracker_tell(const struct pkt_tracker *t)
{
	conn_wire_tell(t->conns);
}

void pkt_tracker_free(struct pkt_tracker *t, struct pkt_stats *last)
{
	if (!t)
		return;
	conn_table_free(t->conns);
	if (last)
		*last = t->stats;
	BUG_ON(t->stats.held_now);
	BUG_ON(t->stats.received != t->stats.accepted + t->stats.dropped);
	pkt_selects_fini(&t->selects);
	free(t);
}

/* A forwarded connection that nobody watches any more, or somebody else. */
static bool changes_hands(void *arg, const struct pkt_entry *en)
{
	const struct pkt_tracker *t = arg;
	const struct pkt_select *select = pkt_selects_find(&t->selects, true, &en->conn.server);

	return en->role == PKT_ROLE_FORWARDED && (!select || select->hooks.arg != en->hooks.arg);
}

void pkt_tracker_select(struct pkt_tracker *t, const struct pkt_select *select, size_t n)
{
	pkt_selects_set(&t->selects, select, n);
	conn_table_remove_if(t->conns, changes_hands, t);
}

/* syn: the packet that the connection begins with, or NULL. */
static struct pkt_entry *open_entry(struct pkt_tracker *t, const struct pkt_key *key,
				    struct pkt_hooks hooks, uint64_t session,
				    const struct tcp_view *syn)
{
	const struct addr *orig_dst =
	    syn ? orig_dst_find(&t->orig_dst, &key->client, syn->seq) : NULL;
	struct pkt_entry *en = conn_table_add(t->conns, key, session);

	en->conn.host = &tracker_host;
	en->conn.host_arg = t;
	en->conn.unknown =
	    unknown_host_marks(&t->unknown, key->client.sa.sa_family, en->conn.forwarded);
	en->hooks = hooks;
	if (orig_dst)
		en->conn.orig_dst = *orig_dst;
	t->stats.connections++;
	recall_hosts(t, &en->conn);
	conn_wire_journal(&en->conn);
	hooks.open(hooks.arg, &en->conn);
	return en;
}

static struct pkt_entry *open_selected(struct pkt_tracker *t, const struct pkt_key *key,
				       const struct pkt_select *select, uint64_t session,
				       const struct tcp_view *syn)
{
	struct pkt_entry *en = open_entry(t, key, select->hooks, session, syn);

	en->unwatched = select->match.syns_only;
	return en;
}

static uint64_t next_number(struct pkt_tracker *t)
{
	return atomic_fetch_add(t->numbers, 1) + 1;
}

/* NULL: a server leg whose session isn't known. */
static struct pkt_entry *open_identified(struct pkt_tracker *t, const struct pkt_identity *id,
					 const struct tcp_view *v)
{
	const struct pkt_entry *client;

	if (id->key.role != PKT_ROLE_SERVER_LEG)
		return open_selected(t, &id->key, id->select, next_number(t), v);
	if (!mark_is_wedge(id->mark))
		return NULL;
	client = conn_table_find_mark(t->conns, id->mark);
	return client ? open_entry(t, &id->key, client->hooks, client->conn.session, NULL) : NULL;
}

/* The 4-tuple of a server leg, used again by the socket of another session. */
static bool is_other_session(const struct pkt_entry *en, const struct pkt_identity *id)
{
	return en->role == PKT_ROLE_SERVER_LEG &&
	       mark_session(mark_server_leg(en->conn.session)) != mark_session(id->mark);
}

/* Nobody waits for an answer to the client's SYN any more, and another proxy takes it now. */
static bool is_other_proxy(const struct pkt_entry *en, const struct pkt_identity *id)
{
	return en->role == PKT_ROLE_CLIENT_LEG && en->hooks.holds_syns && !en->let_in &&
	       !en->conn.pending && id->select && id->select->hooks.arg != en->hooks.arg;
}

/* A client's port that a rule redirects once more, from another destination. */
static bool is_other_destination(const struct pkt_tracker *t, const struct pkt_entry *en,
				 const struct tcp_view *syn)
{
	const struct addr *to = orig_dst_find(&t->orig_dst, &en->conn.client, syn->seq);

	return to && en->role == PKT_ROLE_CLIENT_LEG && !addr_equal(to, &en->conn.orig_dst);
}

/* A SYN on a known 4-tuple: sent again, on one that nothing comes through any more, tried again
 * before it was ever answered (the number stays, what was seen is forgotten), or another
 * connection after the first is over (NULL). */
static struct pkt_entry *renew_entry(struct pkt_tracker *t, struct pkt_entry *en,
				     const struct pkt_identity *id, const struct tcp_view *syn)
{
	struct pkt_half *half = en->conn.half;
	bool other =
	    is_other_session(en, id) || is_other_proxy(en, id) || is_other_destination(t, en, syn);

	if (!other &&
	    (en->conn.vanished || (half[DIR_UPSTREAM].seen && half[DIR_UPSTREAM].isn == syn->seq)))
		return en;
	if (other || en->answered || en->closing) {
		pkt_chain_replaced(&en->conn);
		conn_table_remove(t->conns, en);
		return NULL;
	}
	pkt_half_reset(&half[DIR_UPSTREAM]);
	pkt_half_reset(&half[DIR_DOWNSTREAM]);
	return en;
}

static struct pkt_entry *find_entry(struct pkt_tracker *t, const struct pkt_identity *id,
				    const struct tcp_view *v)
{
	struct pkt_entry *en = conn_table_find(t->conns, &id->key);

	if (en && id->dir == DIR_UPSTREAM && pkt_is_opening_syn(v))
		en = renew_entry(t, en, id, v);
	return en ? en : open_identified(t, id, v);
}

/* A SYN of this host on its way out, which a rule may be about to redirect. */
static bool has_orig_dst(const struct pkt_tracker *t, enum pkt_hook hook, uint32_t mark,
			 const struct tcp_view *v)
{
	return hook == PKT_HOOK_OUT && !mark && pkt_is_opening_syn(v) &&
	       pkt_selects_has_redirected(&t->selects);
}

/* A packet that isn't TCP. false: it goes no further. */
static bool accepts_unparsed(const struct pkt_tracker *t, const uint8_t *data, size_t len)
{
	struct unreachable u;

	return !unreachable_parse(&u, data, len) || !pkt_selects_unreachable(&t->selects, &u);
}

static void run_packet(struct pkt_tracker *t, struct pkt_entry *en, enum dir dir, uint32_t id,
		       int64_t waited, const struct tcp_view *v, const uint8_t *data, size_t len)
{
	struct pkt *p;

	note_sender(t, &en->conn, dir, v);
	track_packet(t, en, dir, v);
	if (en->conn.pending && dir == DIR_UPSTREAM && (v->flags & TCP_RST))
		en->hooks.gave_up(en->hooks.arg, &en->conn);
	if (!en->conn.first && !syn_hold_wants(&en->conn, v) && !checksum_mangled(v)) {
		give_verdict(t, id, true, NULL, 0);
		return;
	}
	p = packet_new(&en->conn, dir, waited, data, len);
	p->id = id;
	pkt_chain_run(en->conn.first, p);
}

void pkt_tracker_packet(struct pkt_tracker *t, uint32_t id, enum pkt_hook hook, uint32_t mark,
			int64_t waited, const uint8_t *data, size_t len)
{
	struct pkt_identity identity = {.mark = mark};
	struct pkt_entry *en = NULL;
	struct tcp_view v;

	t->stats.received++;
	if (!tcp_view_parse(&v, data, len)) {
		t->stats.unparsed++;
		give_verdict(t, id, accepts_unparsed(t, data, len), NULL, 0);
		return;
	}
	if (has_orig_dst(t, hook, mark, &v))
		orig_dst_add(&t->orig_dst, &v.src, v.seq, &v.dst);
	if (pkt_classify(&t->selects, t->conns, &v, hook, &identity))
		en = find_entry(t, &identity, &v);
	if (en) {
		run_packet(t, en, identity.dir, id, waited, &v, data, len);
		return;
	}
	t->stats.foreign++;
	give_verdict(t, id, true, NULL, 0);
}

/* A socket tells the interface of a link-local address; a packet doesn't have it. */
static struct addr without_zone(struct addr a)
{
	a.in6.sin6_scope_id = a.sa.sa_family == AF_INET6 ? 0 : a.in6.sin6_scope_id;
	return a;
}

uint64_t pkt_tracker_session_number(struct pkt_tracker *t, const struct addr *client,
				    const struct addr *local, void **pending)
{
	struct pkt_key key = {.role = PKT_ROLE_CLIENT_LEG,
			      .client = without_zone(*client),
			      .server = without_zone(*local)};
	const struct pkt_select *select;
	struct pkt_entry *en;

	*pending = NULL;
	addr_unmap(&key.client);
	addr_unmap(&key.server);
	en = conn_table_find(t->conns, &key);
	if (en) {
		*pending = en->conn.pending;
		en->conn.pending = NULL;
		conn_table_touch(t->conns, en, clock_now(t->env->clock));
		return en->conn.session;
	}
	select = pkt_selects_find(&t->selects, false, &key.server);
	return select ? open_selected(t, &key, select, next_number(t), NULL)->conn.session
		      : next_number(t);
}

void pkt_tracker_adopt(struct pkt_tracker *t, const struct addr *client, const struct addr *local,
		       uint64_t number)
{
	const struct pkt_key key = {.role = PKT_ROLE_CLIENT_LEG,
				    .client = without_zone(*client),
				    .server = without_zone(*local)};
	const struct pkt_select *select = pkt_selects_find(&t->selects, false, local);
	struct pkt_entry *en = conn_table_find(t->conns, &key);

	if (select && !en)
		en = open_selected(t, &key, select, number, NULL);
	if (!en)
		return;
	en->unwatched = select && select->match.syns_only;
	conn_table_touch(t->conns, en, clock_now(t->env->clock));
}

void pkt_tracker_stats(const struct pkt_tracker *t, struct pkt_stats *out)
{
	*out = t->stats;
}
