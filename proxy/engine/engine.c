/* engine.c - a configured wedge on one loop: listeners give sessions to the table, the packet plane
 * gives them their numbers. Knows no impairments and no command line. */
#include "proxy/engine/engine.h"

#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"
#include "proxy/engine/engine_state.h"

#include <unistd.h>

/* *asked: the session that began with its SYN, or NULL. */
static uint64_t next_number(struct engine *en, int fd, const struct addr *peer,
			    struct session **asked)
{
	struct addr local;
	void *pending;
	uint64_t number;

	*asked = NULL;
	if (!en->packets)
		return ++en->last_number;
	sock_local(fd, &local);
	number = packet_plane_number(en->packets, peer, &local, &pending);
	if (pending) {
		*asked = pending_connect_session(pending);
		pending_connect_free(pending);
	}
	return number;
}

static void session_accepted(void *arg, struct session *s, struct accept_verdict *v)
{
	struct engine_proxy *p = arg;

	if (p->config.session_hooks.accept)
		p->config.session_hooks.accept(p->config.session_hooks.arg, s, v);
}

static void session_opened(void *arg, struct session *s)
{
	struct engine_proxy *p = arg;

	if (p->config.session_hooks.open)
		p->config.session_hooks.open(p->config.session_hooks.arg, s);
}

static void session_connected(void *arg, struct session *s)
{
	struct engine_proxy *p = arg;

	if (p->config.session_hooks.connected)
		p->config.session_hooks.connected(p->config.session_hooks.arg, s);
}

static void session_named(void *arg, struct session *s)
{
	struct engine_proxy *p = arg;

	if (p->config.session_hooks.named)
		p->config.session_hooks.named(p->config.session_hooks.arg, s);
}

static void session_closed(void *arg, struct session *s)
{
	struct engine_proxy *p = arg;

	if (p->config.session_hooks.close)
		p->config.session_hooks.close(p->config.session_hooks.arg, s);
	p->users--;
}

static void session_closed_untouched(void *arg, struct session *s)
{
	struct engine_proxy *p = arg;

	(void)s;
	p->users--;
}

static void wanted_server(const struct engine_proxy *p, int fd, struct addr *orig_dst)
{
	if (p->config.mode == PROXY_REDIRECT)
		sock_original(fd, orig_dst);
	else
		sock_local(fd, orig_dst);
}

bool engine_route(const struct engine_proxy *p, const struct addr *orig_dst,
		  struct session_route *r)
{
	*r = (struct session_route){.upstream = p->config.upstream};
	if (p->config.mode == PROXY_EXPLICIT)
		return true;
	addr_format_host(orig_dst, r->upstream.host);
	r->upstream.port = addr_port(orig_dst);
	if (p->config.map)
		r->mapped = upstream_map_find(p->config.map, orig_dst, &r->upstream);
	if (p->config.route)
		p->config.route(p->config.route_arg, orig_dst, r);
	return r->connector || addr_port(orig_dst) != addr_port(listener_addr(p->listener)) ||
	       !sock_is_own(orig_dst);
}

void engine_hooks(struct engine_proxy *p, const struct addr *orig_dst,
		  const struct session_route *r, struct session_hooks *hooks)
{
	*hooks = p->config.session_hooks;
	hooks->accept = r->untouched ? NULL : session_accepted;
	hooks->open = r->untouched ? NULL : session_opened;
	hooks->connected = r->untouched ? NULL : session_connected;
	hooks->named = r->untouched ? NULL : session_named;
	hooks->close = r->untouched ? session_closed_untouched : session_closed;
	hooks->arg = p;
	hooks->proxy = p->name;
	hooks->orig_dst = *orig_dst;
	hooks->mapped = r->mapped;
	hooks->connector = r->connector;
	hooks->mark = r->mark;
	hooks->as_client = engine_as_client(&p->config);
}

struct session *engine_begin(struct engine_proxy *p, int fd, int spare, const struct addr *peer,
			     const struct proxy_protocol_header *header)
{
	bool relayed = header && header->relayed;
	struct engine *en = p->engine;
	struct session_hooks hooks;
	struct session_route r;
	struct session *asked;
	struct addr orig_dst;
	uint64_t number = next_number(en, fd, peer, &asked);

	if (asked) {
		session_let_in(asked, fd, spare);
		return asked;
	}
	wanted_server(p, fd, &orig_dst);
	if (!engine_route(p, &orig_dst, &r)) {
		log_warn(en->env.log, "%s: a connection to the listener itself is reset", p->name);
		sock_close_reset(fd);
		close(spare);
		return NULL;
	}
	p->users++; /* until the session is closed, even if it is retired meanwhile */
	engine_hooks(p, &orig_dst, &r, &hooks);
	if (relayed) {
		hooks.orig_dst = header->target;
		hooks.authority = header->authority;
	}
	return session_start(en->sessions, number, fd, spare, relayed ? &header->client : peer,
			     &r.upstream, &hooks);
}

void engine_accepted_cb(void *arg, int fd, int spare, const struct addr *client)
{
	struct engine_proxy *p = arg;

	if (p->config.proxy_protocol_in)
		engine_await_header(p, fd, spare, client);
	else
		engine_begin(p, fd, spare, client, NULL);
}

static void emptied_cb(void *arg)
{
	struct engine *en = arg;
	void (*drained)(void *) = en->drained;

	if (!en->draining || !drained || !TAILQ_EMPTY(&en->waiting))
		return;
	en->drained = NULL;
	drained(en->drained_arg);
}

struct engine *engine_new(struct loop *loop, const struct engine_config *config, struct err *e)
{
	struct engine *en = xcalloc(1, sizeof(*en));

	en->loop = loop;
	en->env = (struct env){.clock = loop_clock(loop),
			       .timers = loop_timers(loop),
			       .journal = config->journal,
			       .log = config->log,
			       .seed = config->seed};
	TAILQ_INIT(&en->retired);
	TAILQ_INIT(&en->pending);
	TAILQ_INIT(&en->waiting);
	en->sessions = session_table_new(loop, &en->env, e);
	if (!en->sessions ||
	    engine_change(en, config->proxies, config->nproxies, config->packet_plane, e) == -1) {
		engine_free(en, NULL);
		return NULL;
	}
	en->sessions->emptied = emptied_cb;
	en->sessions->emptied_arg = en;
	return en;
}

const struct addr *engine_listen_addr(const struct engine *en, size_t i)
{
	return listener_addr(en->proxies[i]->listener);
}

void engine_let_wait(struct engine *en, bool on)
{
	en->sessions->writes_wait = on;
}

/* What would have been taken goes its own way from now on, past wedge. */
void engine_drain(struct engine *en, void (*done)(void *arg), void *arg)
{
	engine_intercept_nothing(en);
	for (size_t i = 0; i < en->nproxies; i++)
		if (en->proxies[i]->listener && !engine_listens_on(en->proxies[i]))
			listener_stop(en->proxies[i]->listener);
	engine_connect_end(en, NULL);
	en->draining = true;
	en->drained = done;
	en->drained_arg = arg;
	session_table_poke(en->sessions);
}

static void proxy_free(struct engine_proxy *p)
{
	listener_free(p->listener);
	if (p->config.released)
		p->config.released(p->config.released_arg);
	free(p->name);
	free(p);
}

void engine_release(struct engine *en, bool all)
{
	struct engine_proxy *p, *next;

	for (p = TAILQ_FIRST(&en->retired); p; p = next) {
		next = TAILQ_NEXT(p, retired);
		if (p->users && !all)
			continue;
		TAILQ_REMOVE(&en->retired, p, retired);
		proxy_free(p);
	}
}

size_t engine_unsent(const struct engine *en)
{
	return session_table_unsent(en->sessions);
}

void engine_silence(struct engine *en)
{
	session_table_silence(en->sessions);
}

void engine_hang_up(struct engine *en)
{
	session_table_hang_up(en->sessions);
}

void engine_stats(const struct engine *en, struct engine_stats *out)
{
	*out = (struct engine_stats){
	    .sessions_accepted = en->sessions->accepted,
	    .sessions_open = en->sessions->n,
	};
	for (int d = 0; d < DIR_COUNT; d++)
		out->bytes[d] = session_table_bytes(en->sessions, d);
	if (en->packets)
		packet_plane_stats(en->packets, &out->packets);
}

void engine_free(struct engine *en, struct engine_stats *last)
{
	if (!en)
		return;
	if (last)
		engine_stats(en, last);
	for (size_t i = 0; i < en->nproxies; i++) {
		listener_free(en->proxies[i]->listener);
		en->proxies[i]->listener = NULL;
	}
	engine_waiting_free(en);
	session_table_free(en->sessions);
	packet_plane_free(en->packets, last ? &last->packets : NULL);
	engine_intercept_end(en); /* after what is held in the queue: hooks that go take it along */
	for (size_t i = 0; i < en->nproxies; i++)
		proxy_free(en->proxies[i]);
	engine_release(en, true);
	free(en->proxies);
	free(en);
}

const char *engine_packet_backend(const struct engine *en)
{
	return en->packets_all ? packet_plane_backend(en->packets) : NULL;
}

const char *engine_defer_backend(const struct engine *en, size_t i)
{
	return en->packets && engine_defers_accept(&en->proxies[i]->config)
		   ? packet_plane_backend(en->packets)
		   : NULL;
}
