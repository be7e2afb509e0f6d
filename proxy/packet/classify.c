/* classify.c - whose a packet is: which selection's, which leg's and which way it goes. */
#include "proxy/packet/classify.h"

#include "proxy/base/mark.h"

static bool matches(const struct queue_select *s, const struct addr *a)
{
	struct addr portless = *a;

	if (s->transparent)
		return intercept_match_covers(&s->intercept, a);
	if (addr_port(&s->addr) == 0)
		addr_set_port(&portless, 0);
	else if (addr_port(&s->addr) != addr_port(a))
		return false;
	if (addr_is_any(&s->addr))
		return s->addr.sa.sa_family == AF_INET6 || a->sa.sa_family == AF_INET;
	return addr_equal(&s->addr, &portless);
}

const struct pkt_select *pkt_selects_find(const struct pkt_selects *s, bool forwarded,
					  const struct addr *a)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->select[i].match.forwarded == forwarded && matches(&s->select[i].match, a))
			return &s->select[i];
	return NULL;
}

static void set_origin(struct pkt_identity *o, enum pkt_role role, enum dir dir,
		       const struct tcp_view *v)
{
	o->key.role = role;
	o->key.client = dir == DIR_UPSTREAM ? v->src : v->dst;
	o->key.server = dir == DIR_UPSTREAM ? v->dst : v->src;
	o->dir = dir;
}

static bool forwarded_origin(const struct pkt_selects *s, const struct tcp_view *v,
			     struct pkt_identity *o)
{
	o->select = pkt_selects_find(s, true, &v->dst);
	if (o->select) {
		set_origin(o, PKT_ROLE_FORWARDED, DIR_UPSTREAM, v);
		return true;
	}
	o->select = pkt_selects_find(s, true, &v->src);
	set_origin(o, PKT_ROLE_FORWARDED, DIR_DOWNSTREAM, v);
	return o->select != NULL;
}

/* A transparent selection is by the server's address, which an address at wedge's end of another
 * connection may be too: only what a client sends can begin a client leg there. And where nothing
 * but SYNs and RSTs is seen, an RST begins nothing. */
static bool begins_nothing(struct conn_table *conns, const struct tcp_view *v, bool in,
			   const struct pkt_identity *o)
{
	return (o->select->match.transparent || o->select->match.syns_only) &&
	       !(in && pkt_is_opening_syn(v)) && !conn_table_find(conns, &o->key);
}

/* A packet of the proxy's own sockets: a server leg's socket tells its session by its mark, and at
 * a client leg the local end is a listener's address or a transparent selection's. An RST that no
 * socket sent has no mark: it answers what came for a server leg whose socket is gone. */
static bool own_origin(const struct pkt_selects *s, struct conn_table *conns,
		       const struct tcp_view *v, bool in, struct pkt_identity *o)
{
	bool server_leg = mark_is_wedge(o->mark) && mark_session(o->mark);

	o->select = server_leg ? NULL : pkt_selects_find(s, false, in ? &v->dst : &v->src);
	if (o->select) {
		set_origin(o, PKT_ROLE_CLIENT_LEG, in ? DIR_UPSTREAM : DIR_DOWNSTREAM, v);
		if (!begins_nothing(conns, v, in, o))
			return true;
	}
	if (!mark_is_wedge(o->mark) && (in || !(v->flags & TCP_RST)))
		return false;
	set_origin(o, PKT_ROLE_SERVER_LEG, in ? DIR_DOWNSTREAM : DIR_UPSTREAM, v);
	return true;
}

bool pkt_classify(const struct pkt_selects *s, struct conn_table *conns, const struct tcp_view *v,
		  enum pkt_hook hook, struct pkt_identity *o)
{
	return hook == PKT_HOOK_FORWARD ? forwarded_origin(s, v, o)
					: own_origin(s, conns, v, hook == PKT_HOOK_IN, o);
}
