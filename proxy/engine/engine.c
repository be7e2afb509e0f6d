/* engine.c - one engine from its beginning to its end: the session table, its proxies by way of a
 * first change, and the order in which all of it is taken down. */
#include "proxy/engine/engine.h"

#include "proxy/base/mem.h"
#include "proxy/engine/engine_accept.h"
#include "proxy/engine/engine_change.h"
#include "proxy/engine/engine_connect.h"
#include "proxy/engine/engine_intercept.h"
#include "proxy/engine/engine_linger.h"
#include "proxy/engine/engine_proxy.h"
#include "proxy/stream/session.h"

static void emptied_cb(void *arg)
{
	struct engine *en = arg;
	void (*drained)(void *) = en->drained;

	if (!en->draining || !drained || !TAILQ_EMPTY(&en->waiting))
		return;
	en->drained = NULL;
	drained(en->drained_arg);
}

static int begin_proxies(struct engine *en, const struct engine_config *config, struct err *e)
{
	struct engine_wanted *wanted = xcalloc(config->nproxies + 1, sizeof(*wanted));
	int rc;

	for (size_t i = 0; i < config->nproxies; i++)
		wanted[i].config = &config->proxies[i];
	rc = engine_change(en, wanted, config->nproxies, config->packet_plane, e);
	free(wanted);
	return rc;
}

struct engine *engine_new(struct loop *loop, const struct engine_config *config, struct err *e)
{
	struct engine *en = xcalloc(1, sizeof(*en));

	en->loop = loop;
	en->env = (struct env){.clock = loop_clock(loop),
			       .timers = loop_timers(loop),
			       .journal = config->journal,
			       .log = config->log,
			       .seed = config->seed,
			       .holds = &en->holds,
			       .timed = config->timed};
	en->own_commons = !config->commons;
	en->commons = config->commons ? config->commons : session_commons_new(config->hold_limit);
	hold_pool_init(&en->holds, &en->commons->holds, &en->env);
	TAILQ_INIT(&en->retired);
	TAILQ_INIT(&en->pending);
	TAILQ_INIT(&en->waiting);
	TAILQ_INIT(&en->lingering);
	en->pass_on = config->pass_on;
	en->pass_on_arg = config->pass_on_arg;
	en->sessions = session_table_new(loop, &en->env, en->commons, &session_ops, e);
	if (!en->sessions || begin_proxies(en, config, e) == -1) {
		engine_free(en, NULL);
		return NULL;
	}
	en->sessions->emptied = emptied_cb;
	en->sessions->emptied_arg = en;
	return en;
}

const struct addr *engine_listen_addr(const struct engine *en, size_t i)
{
	const struct listener *l = en->proxies[i]->listener;

	return l ? listener_addr(l) : NULL;
}

void engine_let_wait(struct engine *en, bool on)
{
	en->sessions->writes_wait = on;
}

/* Connections that the rules would have taken pass wedge from now on. */
void engine_drain(struct engine *en, void (*done)(void *arg), void *arg)
{
	engine_intercept_stop(en);
	for (size_t i = 0; i < en->nproxies; i++)
		if (en->proxies[i]->listener && !engine_listens_on(en->proxies[i]))
			listener_stop(en->proxies[i]->listener);
	engine_linger_end(en, true);
	engine_connect_end(en, NULL);
	en->draining = true;
	en->drained = done;
	en->drained_arg = arg;
	session_table_poke(en->sessions);
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

void engine_end(struct engine *en)
{
	en->draining = true; /* a SYN that is held is let go on */
	for (size_t i = 0; i < en->nproxies; i++) {
		listener_free(en->proxies[i]->listener);
		en->proxies[i]->listener = NULL;
	}
	engine_linger_end(en, false);
	engine_accept_free(en);
	session_table_free(en->sessions);
	en->sessions = NULL;
	if (en->packets)
		packet_plane_let_go(en->packets);
}

void engine_free(struct engine *en, struct engine_stats *last)
{
	if (!en)
		return;
	if (last)
		engine_stats(en, last);
	engine_end(en);
	packet_plane_free(en->packets, last ? &last->packets : NULL);
	engine_intercept_free(en); /* last: what waits in a queue is dropped when rules go */
	for (size_t i = 0; i < en->nproxies; i++)
		engine_proxy_free(en->proxies[i]);
	engine_proxy_release(en, true);
	hold_pool_fini(&en->holds);
	if (en->own_commons)
		session_commons_free(en->commons, en->env.log);
	free(en->proxies);
	free(en);
}

bool engine_queues_packets(const struct engine *en)
{
	return en->packets;
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

const char *engine_intercept_backend(const struct engine *en, enum proxy_mode mode)
{
	if (mode == PROXY_TRANSPARENT)
		return en->tproxy ? tproxy_backend(en->tproxy) : NULL;
	return mode == PROXY_REDIRECT && en->redirect ? redirect_backend(en->redirect) : NULL;
}
