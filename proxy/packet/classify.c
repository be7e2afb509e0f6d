/* classify.c - selections decide at a client leg, the socket's mark at a server leg. */
#include "proxy/packet/classify.h"

#include "proxy/base/mark.h"

static void set_identity(struct pkt_identity *id, enum pkt_role role, enum dir dir,
			 const struct tcp_view *v)
{
	id->key.role = role;
	id->key.client = dir == DIR_UPSTREAM ? v->src : v->dst;
	id->key.server = dir == DIR_UPSTREAM ? v->dst : v->src;
	id->dir = dir;
}

static bool classify_forwarded(const struct pkt_selects *s, const struct tcp_view *v,
			       struct pkt_identity *id)
{
	id->select = pkt_selects_find(s, true, &v->dst);
	if (id->select) {
		set_identity(id, PKT_ROLE_FORWARDED, DIR_UPSTREAM, v);
		return true;
	}
	id->select = pkt_selects_find(s, true, &v->src);
	set_identity(id, PKT_ROLE_FORWARDED, DIR_DOWNSTREAM, v);
	return id->select != NULL;
}

/* A transparent selection is by the server's address, which an address at wedge's end of another
 * connection may be too: only what a client sends can begin a client leg there. And where nothing
 * but SYNs and RSTs is seen, an RST begins nothing. */
static bool begins_nothing(struct conn_table *conns, const struct tcp_view *v, bool in,
			   const struct pkt_identity *id)
{
	const struct queue_select *match = &id->select->match;

	return (match->transparent || match->syns_only) && !(in && pkt_is_opening_syn(v)) &&
	       !conn_table_find(conns, &id->key);
}

/* A packet of the proxy's own sockets: a server leg's socket tells its session by its mark, and at
 * a client leg the local end is a listener's address or a transparent selection's. An RST that no
 * socket sent has no mark: it answers what came for a server leg whose socket is gone. */
static bool classify_own(const struct pkt_selects *s, struct conn_table *conns,
			 const struct tcp_view *v, bool in, struct pkt_identity *id)
{
	bool server_leg = mark_is_wedge(id->mark) && mark_session(id->mark);

	id->select = server_leg ? NULL : pkt_selects_find(s, false, in ? &v->dst : &v->src);
	if (id->select) {
		set_identity(id, PKT_ROLE_CLIENT_LEG, in ? DIR_UPSTREAM : DIR_DOWNSTREAM, v);
		if (!begins_nothing(conns, v, in, id))
			return true;
	}
	if (!mark_is_wedge(id->mark) && (in || !(v->flags & TCP_RST)))
		return false;
	set_identity(id, PKT_ROLE_SERVER_LEG, in ? DIR_DOWNSTREAM : DIR_UPSTREAM, v);
	return true;
}

bool pkt_classify(const struct pkt_selects *s, struct conn_table *conns, const struct tcp_view *v,
		  enum pkt_hook hook, struct pkt_identity *id)
{
	return hook == PKT_HOOK_FORWARD ? classify_forwarded(s, v, id)
					: classify_own(s, conns, v, hook == PKT_HOOK_IN, id);
}
