/* engine_accept.c - accepted connections whose client's proxy is still to say whose they are. Their
 * sessions begin when it has: whatever looks at a session's client sees the one that was told. */
#include "proxy/engine/engine_state.h"

#include "proxy/base/mark.h"
#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"
#include "proxy/stream/proxy_protocol/proxy_protocol_read.h"

#include <unistd.h>

struct header_wait {
	struct proxy_protocol_read in;
	struct engine_proxy *proxy;
	struct addr peer;
	int spare;
	TAILQ_ENTRY(header_wait) entry;
};

static void wait_free(void *arg)
{
	struct header_wait *w = arg;

	proxy_protocol_read_fini(&w->in);
	free(w);
}

/* As an event of a session that never was. A look whether the port answers is no mistake. */
static void tell_refused(const struct header_wait *w, const struct proxy_protocol_read_result *r)
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

static void tell_header(const struct header_wait *w, const struct proxy_protocol_header *h,
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

static void header_done(void *arg, const struct proxy_protocol_read_result *r)
{
	struct header_wait *w = arg;
	struct engine *en = w->proxy->engine;
	struct session *s;

	TAILQ_REMOVE(&en->waiting, w, entry);
	if (r->header) {
		s = engine_begin(w->proxy, w->in.fd, w->spare, &w->peer, r->header);
		if (s)
			tell_header(w, r->header, s);
	} else {
		tell_refused(w, r);
		close(w->spare);
		if (r->silent)
			close(w->in.fd);
		else
			sock_close_reset(w->in.fd);
		session_table_poke(en->sessions);
	}
	w->proxy->users--;
	loop_defer(en->loop, wait_free, w);
}

void engine_await_header(struct engine_proxy *p, int fd, int spare, const struct addr *peer)
{
	struct header_wait *w = xcalloc(1, sizeof(*w));
	struct engine *en = p->engine;

	p->users++; /* until the session has its own share in it */
	w->proxy = p;
	w->peer = *peer;
	w->spare = spare;
	w->in.loop = en->loop;
	w->in.fd = fd;
	w->in.done = header_done;
	w->in.arg = w;
	TAILQ_INSERT_TAIL(&en->waiting, w, entry);
	proxy_protocol_read_start(&w->in);
}

void engine_mark_waiting(struct engine *en)
{
	struct header_wait *w;

	TAILQ_FOREACH (w, &en->waiting, entry)
		sock_set_int(w->in.fd, SOL_SOCKET, SO_MARK, MARK_CLIENT_LEG);
}

void engine_waiting_free(struct engine *en)
{
	struct header_wait *w;

	while ((w = TAILQ_FIRST(&en->waiting))) {
		TAILQ_REMOVE(&en->waiting, w, entry);
		sock_close_reset(w->in.fd);
		close(w->spare);
		wait_free(w);
	}
}
