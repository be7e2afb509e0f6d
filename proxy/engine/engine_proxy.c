/* engine_proxy.c - counts who may still call a proxy's hooks: it is freed when it is retired and
 * that is nobody. */
#include "proxy/engine/engine_proxy.h"

#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"
#include "proxy/engine/engine_relay.h"
#include "proxy/stream/session_table.h"

#include <jansson.h>

void engine_proxy_configure(struct engine_proxy *p, const struct engine_proxy_config *config)
{
	p->config = *config;
	p->config.name = p->name;
	pkt_hooks_complete(&p->config.pkt_hooks);
}

struct engine_proxy *engine_proxy_new(struct engine *en, const char *name)
{
	static const struct engine_proxy_config none;
	struct engine_proxy *p = xcalloc(1, sizeof(*p));

	TAILQ_INIT(&p->open);
	p->engine = en;
	p->name = xstrdup(name);
	p->gone = true; /* until its change is made: what an undone one lets go begins no session */
	engine_proxy_configure(p, &none);
	return p;
}

void engine_proxy_free(struct engine_proxy *p)
{
	listener_free(p->listener);
	engine_relay_forget(p);
	session_commons_forget_loop(p->engine->commons, p->name);
	if (p->config.released)
		p->config.released(p->config.released_arg);
	free(p->name);
	free(p);
}

void engine_proxy_release(struct engine *en, bool all)
{
	struct engine_proxy *p, *next;

	for (p = TAILQ_FIRST(&en->retired); p; p = next) {
		next = TAILQ_NEXT(p, retired);
		if (p->users && !all)
			continue;
		TAILQ_REMOVE(&en->retired, p, retired);
		engine_proxy_free(p);
	}
}

bool engine_proxy_route(const struct engine_proxy *p, const struct addr *client,
			const struct addr *orig_dst, struct session_route *r)
{
	*r = (struct session_route){.upstream = p->config.upstream};
	if (p->config.mode == PROXY_EXPLICIT)
		return true;
	addr_format_host(orig_dst, r->upstream.host);
	r->upstream.port = addr_port(orig_dst);
	if (p->config.map)
		r->mapped = upstream_map_find(p->config.map, orig_dst, &r->upstream);
	if (p->config.route)
		p->config.route(p->config.route_arg, client, orig_dst, r);
	return r->connector || addr_port(orig_dst) != addr_port(listener_addr(p->listener)) ||
	       !sock_is_own(orig_dst);
}

bool engine_proxy_loops(struct engine_proxy *p, const struct addr *peer, const struct addr *local,
			const struct addr *original, struct passed *passed)
{
	struct relay relay = {.pid = 0};
	struct engine *en = p->engine;
	char by[RELAY_NAME + 40] = "", text[ADDR_TEXT];
	uint64_t of = 0;

	*passed = (struct passed){0};
	if (server_legs_passed(en->sessions->commons->legs, peer, local, original, passed)) {
		of = passed->session;
		if (!passed_has(passed, p->name))
			return false;
	} else if (!engine_relay_suspected(p) ||
		   !engine_relay_loops(p, peer, local, original, &relay, &of)) {
		return false;
	}
	if (relay.pid)
		snprintf(by, sizeof(by), " by way of %s (process %d)", relay.name, (int)relay.pid);
	journal_event(en->env.journal, "loop", "s:s, s:I, s:s, s:s", "proxy", p->name, "of",
		      (json_int_t)of, "to", addr_format(original, text), "by", relay.name);
	if (session_commons_tell_loop(en->commons, p->name))
		log_warn(en->env.log,
			 "%s: its own connection to %s comes back to it%s, and is reset, as is "
			 "each further one; its clients get an RST until the upstream leads "
			 "elsewhere",
			 p->name, addr_format(original, text), by);
	return true;
}

static void session_released(void *arg)
{
	struct engine_proxy *p = arg;

	p->users--;
}

void engine_proxy_session(struct engine_proxy *p, const struct addr *orig_dst,
			  const struct session_route *r, struct session_config *config)
{
	p->users++;
	*config = p->config.session_config;
	config->upstream = &r->upstream;
	config->orig_dst = *orig_dst;
	config->mapped = r->mapped;
	config->connector = r->connector;
	config->mark = r->mark;
	config->accept_first = p->config.mode == PROXY_EXPLICIT;
	config->as_client = engine_as_client(&p->config);
	config->proxy = p->name;
	config->kin = &p->open;
	config->tally = &p->ended;
	config->released = session_released;
	config->released_arg = p;
	if (r->untouched) {
		config->tls = NULL;
		config->tls_start = TLS_START_DIRECT;
		config->reads_tls = false;
	}
}

const struct session_hooks *engine_proxy_hooks(const struct engine_proxy *p,
					       const struct session_route *r)
{
	static const struct session_hooks none;

	return r->untouched ? &none : &p->config.session_hooks;
}
