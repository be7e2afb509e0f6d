/* engine_select.c - a connection is a user of its proxy as long as the packet plane knows it. */
#include "proxy/engine/engine_select.h"

#include "proxy/engine/engine_connect.h"
#include "proxy/engine/engine_proxy.h"
#include "proxy/stream/session_close.h"

/* Whoever chooses connections by their server can do so from the first packet on. What waits in the
 * queue when the engine ends has no listener any more, and goes nowhere. */
static void tell_upstream(const struct engine_proxy *p, struct pkt_conn *c)
{
	const struct addr *to = p->config.mode == PROXY_REDIRECT ? &c->orig_dst : &c->server;
	struct session_route r;
	struct err e;

	if (c->forwarded || c->leg != LEG_CLIENT || p->gone || !p->listener || !to->len ||
	    !engine_proxy_route(p, &c->client, to, &r))
		return;
	c->upstream_port = r.upstream.port;
	if (addr_parse_host(r.upstream.host, r.upstream.port, &c->upstream, &e) == -1)
		c->upstream.len = 0;
}

static void conn_opened(void *arg, struct pkt_conn *c)
{
	struct engine_proxy *p = arg;

	p->users++;
	tell_upstream(p, c);
	p->config.pkt_hooks.open(p->config.pkt_hooks.arg, c);
}

static void conn_closed(void *arg, struct pkt_conn *c)
{
	struct engine_proxy *p = arg;

	if (c->pending)
		session_close(pending_connect_session(c->pending), CLOSE_BROKEN,
			      "the client's asking was forgotten");
	p->config.pkt_hooks.close(p->config.pkt_hooks.arg, c);
	p->users--;
}

struct pkt_select engine_select(const struct engine_proxy_config *pc, struct engine_proxy *p,
				const struct addr *listen, bool all)
{
	bool defers = engine_defers_accept(pc), as_client = engine_as_client(pc);

	return (struct pkt_select){
	    .match = {.forwarded = pc->mode == PROXY_FORWARD,
		      .transparent = pc->mode == PROXY_TRANSPARENT,
		      .redirected = pc->mode == PROXY_REDIRECT && defers,
		      .syns_only = !all,
		      .icmp = defers && as_client,
		      .addr = listen ? *listen : pc->server,
		      .intercept = pc->intercept},
	    .hooks = {.open = conn_opened,
		      .close = conn_closed,
		      .syn_held = engine_connect_syn_held_cb,
		      .gave_up = engine_connect_gave_up_cb,
		      .unreachable = defers && as_client ? engine_connect_unreachable_cb : NULL,
		      .holds_syns = defers,
		      .copy = all ? pc->pkt_hooks.copy : PKT_COPY_HEADERS,
		      .arg = p}};
}
