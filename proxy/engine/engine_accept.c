/* engine_accept.c - a connection whose client's proxy has still to send its PROXY header begins no
 * session before: whoever looks at a session's client sees the client of the header. */
#include "proxy/engine/engine_accept.h"

#include "proxy/base/mark.h"
#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"
#include "proxy/engine/engine_connect.h"
#include "proxy/engine/engine_proxy.h"
#include "proxy/engine/engine_relay.h"
#include "proxy/stream/proxy_protocol/proxy_protocol_read.h"
#include "proxy/stream/session_begin.h"
#include "proxy/stream/session_table.h"

#include <string.h>
#include <unistd.h>

struct header_wait {
	struct proxy_protocol_read in;
	struct engine_proxy *proxy;
	struct addr peer;
	int spare;
	TAILQ_ENTRY(header_wait) entry;
};

/* *pending: the session that the client's held SYN has begun, or NULL. */
static uint64_t number_session(struct engine *en, int fd, const struct addr *peer,
			       struct session **pending)
{
	struct addr local;
	void *connect;
	uint64_t number;

	*pending = NULL;
	if (!en->packets)
		return atomic_fetch_add(&en->commons->numbers, 1) + 1;
	sock_local(fd, &local);
	number = packet_plane_number(en->packets, peer, &local, &connect);
	if (connect) {
		*pending = pending_connect_session(connect);
		pending_connect_free(connect);
	}
	return number;
}

/* A program that connects to an address of its own host has that address, too. */
static bool is_this_host(struct addr peer, const struct addr *local)
{
	addr_set_port(&peer, addr_port(local));
	return addr_equal(&peer, local) ||
	       (peer.sa.sa_family == AF_INET && ntohl(peer.in.sin_addr.s_addr) >> 24 == 127);
}

/* A connection of this process's own to itself is known by its session. The caller frees *passed.
 */
static bool comes_back(struct engine_proxy *p, int fd, const struct addr *peer,
		       struct passed *passed)
{
	struct addr local, original;
	bool own = server_legs_may_be(p->engine->sessions->commons->legs, peer);

	*passed = (struct passed){0};
	if (!own && !engine_relay_suspected(p))
		return false;
	sock_local(fd, &local);
	if (!own && !is_this_host(*peer, &local))
		return false;
	sock_original(fd, &original);
	return engine_proxy_loops(p, peer, &local, &original, passed);
}

/* Of an explicit proxy only the PROXY header for the server tells it. */
static void find_orig_dst(const struct engine_proxy *p, int fd, struct addr *orig_dst)
{
	*orig_dst = (struct addr){.len = 0};
	if (p->config.mode == PROXY_REDIRECT)
		sock_original(fd, orig_dst);
	else if (p->config.mode != PROXY_EXPLICIT || p->config.session_config.proxy_protocol_out)
		sock_local(fd, orig_dst);
}

/* header: what the client's own proxy has announced, else NULL. NULL: the connection is reset. */
static struct session *begin_session(struct engine_proxy *p, int fd, int spare,
				     const struct addr *peer,
				     const struct proxy_protocol_header *header)
{
	bool relayed = header && header->relayed;
	struct engine *en = p->engine;
	struct session_config config;
	struct session_route r;
	struct session *pending, *s;
	struct passed passed;
	struct addr orig_dst;
	uint64_t number = number_session(en, fd, peer, &pending);

	if (pending) {
		session_let_in(pending, fd, spare);
		return pending;
	}
	if (comes_back(p, fd, peer, &passed)) {
		passed_fini(&passed);
		sock_close_reset(fd);
		close(spare);
		return NULL;
	}
	find_orig_dst(p, fd, &orig_dst);
	if (!engine_proxy_route(p, peer, &orig_dst, &r)) {
		log_warn(en->env.log, "%s: a connection to the listener itself is reset", p->name);
		passed_fini(&passed);
		sock_close_reset(fd);
		close(spare);
		return NULL;
	}
	engine_proxy_session(p, &orig_dst, &r, &config);
	if (relayed) {
		config.orig_dst = header->target;
		config.authority = header->authority;
	}
	config.passed = &passed;
	s = session_start(en->sessions, number, fd, spare, relayed ? &header->client : peer,
			  &config, engine_proxy_hooks(p, &r));
	passed_fini(&passed);
	return s;
}

static void free_wait(void *arg)
{
	struct header_wait *w = arg;

	proxy_protocol_read_fini(&w->in);
	free(w);
}

/* No session begins, so the event has none. A client that closes without a byte looks whether the
 * port answers: that is no mistake. */
static void report_refused(const struct header_wait *w, const struct proxy_protocol_read_result *r)
{
	const struct env *env = &w->proxy->engine->env;
	char text[ADDR_TEXT];

	addr_format(&w->peer, text);
	if (r->silent)
		log_info(env->log, "%s: %s: %s", w->proxy->name, text, r->why);
	else
		log_warn(env->log, "%s: %s is reset: %s", w->proxy->name, text, r->why);
	journal_event(env->journal, "proxy_header_refused", "s:s, s:s, s:s", "proxy",
		      w->proxy->name, "peer", text, "why", r->why);
}

static void journal_header(const struct header_wait *w, const struct proxy_protocol_header *h,
			   const struct session *s)
{
	char peer[ADDR_TEXT], client[ADDR_TEXT] = "", target[ADDR_TEXT] = "";

	addr_format(&w->peer, peer);
	if (h->relayed) {
		addr_format(&h->client, client);
		addr_format(&h->target, target);
	}
	journal_event(w->proxy->engine->env.journal, "proxy_header_in",
		      "s:I, s:s, s:i, s:b, s:s, s:s, s:s", "session", (json_int_t)s->number, "peer",
		      peer, "version", (int)h->version, "relayed", h->relayed, "client", client,
		      "target", target, "authority", h->authority);
}

static void header_done_cb(void *arg, const struct proxy_protocol_read_result *r)
{
	struct header_wait *w = arg;
	struct engine *en = w->proxy->engine;
	struct session *s;

	TAILQ_REMOVE(&en->waiting, w, entry);
	if (r->header) {
		s = begin_session(w->proxy, w->in.fd, w->spare, &w->peer, r->header);
		if (s)
			journal_header(w, r->header, s);
	} else {
		report_refused(w, r);
		close(w->spare);
		if (r->silent)
			close(w->in.fd);
		else
			sock_close_reset(w->in.fd);
		session_table_poke(en->sessions);
	}
	w->proxy->users--;
	loop_defer(en->loop, free_wait, w);
}

/* Takes the bytes of the header that have been read already. */
static void await_header(struct engine_proxy *p, struct engine_arrival *a)
{
	struct header_wait *w = xcalloc(1, sizeof(*w));
	struct engine *en = p->engine;

	p->users++; /* until the session is counted itself */
	w->proxy = p;
	w->peer = a->peer;
	w->spare = a->spare;
	w->in.loop = en->loop;
	w->in.fd = a->fd;
	w->in.bytes = a->bytes;
	w->in.n = a->n;
	a->bytes = NULL;
	w->in.done = header_done_cb;
	w->in.arg = w;
	TAILQ_INSERT_TAIL(&en->waiting, w, entry);
	proxy_protocol_read_start(&w->in);
}

/* bytes: of its header, which are the callee's then, or NULL. */
static void pass_on(struct engine_proxy *p, int fd, int spare, const struct addr *peer,
		    uint8_t *bytes, size_t n)
{
	struct engine_arrival *a = xcalloc(1, sizeof(*a));

	*a = (struct engine_arrival){.proxy = xstrdup(p->name),
				     .fd = fd,
				     .spare = spare,
				     .peer = *peer,
				     .bytes = bytes,
				     .n = n};
	p->engine->pass_on(p->engine->pass_on_arg, a);
}

void engine_accept_pass_on(struct engine_proxy *p)
{
	struct header_wait *w, *next;

	for (w = TAILQ_FIRST(&p->engine->waiting); w; w = next) {
		next = TAILQ_NEXT(w, entry);
		if (w->proxy != p)
			continue;
		TAILQ_REMOVE(&p->engine->waiting, w, entry);
		pass_on(p, w->in.fd, w->spare, &w->peer, w->in.bytes, w->in.n);
		w->in.bytes = NULL;
		p->users--;
		free_wait(w);
	}
}

void engine_arrival_free(struct engine_arrival *a)
{
	if (a->fd != -1)
		sock_close_reset(a->fd);
	if (a->spare != -1)
		close(a->spare);
	free(a->bytes);
	free(a->proxy);
	free(a);
}

/* It may have been retired since the other engine was changed. */
static struct engine_proxy *find_proxy(const struct engine *en, const char *name)
{
	struct engine_proxy *p;

	for (size_t i = 0; i < en->nproxies; i++)
		if (en->proxies[i]->config.mode == PROXY_EXPLICIT &&
		    strcmp(en->proxies[i]->name, name) == 0)
			return en->proxies[i];
	TAILQ_FOREACH (p, &en->retired, retired)
		if (p->config.mode == PROXY_EXPLICIT && strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

void engine_arrive(struct engine *en, struct engine_arrival *a)
{
	struct engine_proxy *p = en->sessions && !en->draining ? find_proxy(en, a->proxy) : NULL;

	if (p) {
		if (en->packets_all)
			sock_set_int(a->fd, SOL_SOCKET, SO_MARK, MARK_CLIENT_LEG);
		if (p->config.proxy_protocol_in)
			await_header(p, a);
		else
			begin_session(p, a->fd, a->spare, &a->peer, NULL);
		a->fd = a->spare = -1;
	}
	engine_arrival_free(a);
}

void engine_accept_cb(void *arg, int fd, int spare, const struct addr *client)
{
	struct engine_proxy *p = arg;
	struct engine_arrival a = {.fd = fd, .spare = spare, .peer = *client};

	if (p->passes_on)
		pass_on(p, fd, spare, client, NULL, 0);
	else if (p->config.proxy_protocol_in)
		await_header(p, &a);
	else
		begin_session(p, fd, spare, client, NULL);
}

void engine_accept_mark(struct engine *en)
{
	struct header_wait *w;

	TAILQ_FOREACH (w, &en->waiting, entry)
		sock_set_int(w->in.fd, SOL_SOCKET, SO_MARK, MARK_CLIENT_LEG);
}

void engine_accept_free(struct engine *en)
{
	struct header_wait *w;

	while ((w = TAILQ_FIRST(&en->waiting))) {
		TAILQ_REMOVE(&en->waiting, w, entry);
		sock_close_reset(w->in.fd);
		close(w->spare);
		free_wait(w);
	}
}
