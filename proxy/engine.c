/* engine.c - a configured wedge on one loop: listeners give sessions to the table, the packet plane
 * gives them their numbers. Knows no impairments and no command line. */
#include "proxy/engine.h"

#include "proxy/base/mark.h"
#include "proxy/base/mem.h"
#include "proxy/stream/listener.h"
#include "proxy/stream/sockopt.h"

#include <string.h>

struct engine_proxy {
	struct engine *engine;
	enum proxy_mode mode;
	struct host_port upstream;
	struct session_hooks hooks;
	struct listener *listener; /* NULL when forwarded */
};

struct engine {
	struct loop *loop;
	struct env env;
	struct session_table *sessions;
	struct engine_proxy *proxies;
	size_t nproxies;
	struct pkt_side *packets; /* NULL without a packet plane */
	uint64_t last_number;	  /* the sequence, where no packet plane keeps it */
	bool draining;
	void (*drained)(void *arg);
	void *drained_arg;
};

static uint64_t next_number(struct engine *en, int fd, const struct addr *client)
{
	struct addr local;

	if (!en->packets)
		return ++en->last_number;
	sock_local(fd, &local);
	return pkt_side_number(en->packets, client, &local);
}

static void accepted_cb(void *arg, int fd, int spare, const struct addr *client)
{
	struct engine_proxy *p = arg;
	struct engine *en = p->engine;

	session_start(en->sessions, next_number(en, fd, client), fd, spare, client, &p->upstream,
		      &p->hooks);
}

static void emptied_cb(void *arg)
{
	struct engine *en = arg;
	void (*drained)(void *) = en->drained;

	if (!en->draining || !drained)
		return;
	en->drained = NULL;
	drained(en->drained_arg);
}

static int proxy_bind(struct engine *en, const struct engine_config *config, size_t i,
		      struct err *e)
{
	const struct proxy_config *pc = &config->proxies[i];
	struct engine_proxy *p = &en->proxies[i];
	struct listener_config lc = {.addr = pc->listen,
				     .mark = config->packet_plane ? MARK_CLIENT_LEG : 0,
				     .rcvbuf = pc->session_hooks.rcvbuf[LEG_CLIENT],
				     .log = config->log,
				     .accepted = accepted_cb,
				     .arg = p};

	p->engine = en;
	p->mode = pc->mode;
	p->upstream = pc->upstream;
	p->hooks = pc->session_hooks;
	if (pc->mode == PROXY_FORWARD)
		return config->packet_plane
			   ? 0
			   : err_set(e, "%s: forwarding needs the packet plane", pc->name);
	p->listener = listener_new(en->loop, &lc, e);
	return p->listener ? 0 : -1;
}

/* After the listeners are bound, when their ports are known, and before they listen. */
static int packets_start(struct engine *en, const struct engine_config *config, struct err *e)
{
	struct pkt_select *select = xcalloc(en->nproxies, sizeof(*select));
	struct pkt_side_config psc = {.select = select, .nselect = en->nproxies, .env = &en->env};

	for (size_t i = 0; i < en->nproxies; i++) {
		const struct proxy_config *pc = &config->proxies[i];

		select[i].forwarded = pc->mode == PROXY_FORWARD;
		select[i].hooks = pc->pkt_hooks;
		select[i].addr =
		    select[i].forwarded ? pc->server : *listener_addr(en->proxies[i].listener);
	}
	en->packets = pkt_side_new(en->loop, &psc, e);
	free(select);
	return en->packets ? 0 : -1;
}

static int engine_start(struct engine *en, const struct engine_config *config, struct err *e)
{
	for (size_t i = 0; i < en->nproxies; i++)
		if (proxy_bind(en, config, i, e) == -1)
			return -1;
	if (config->packet_plane && packets_start(en, config, e) == -1)
		return -1;
	for (size_t i = 0; i < en->nproxies; i++)
		if (en->proxies[i].listener && listener_start(en->proxies[i].listener, e) == -1)
			return -1;
	return 0;
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
	en->nproxies = config->nproxies;
	en->proxies = xcalloc(config->nproxies, sizeof(*en->proxies));
	en->sessions = session_table_new(loop, &en->env, e);
	if (!en->sessions || engine_start(en, config, e) == -1) {
		engine_free(en);
		return NULL;
	}
	en->sessions->marked = config->packet_plane;
	en->sessions->emptied = emptied_cb;
	en->sessions->emptied_arg = en;
	return en;
}

const struct addr *engine_listen_addr(const struct engine *en, size_t i)
{
	return listener_addr(en->proxies[i].listener);
}

void engine_drain(struct engine *en, void (*done)(void *arg), void *arg)
{
	for (size_t i = 0; i < en->nproxies; i++)
		if (en->proxies[i].listener)
			listener_stop(en->proxies[i].listener);
	en->draining = true;
	en->drained = done;
	en->drained_arg = arg;
	session_table_poke(en->sessions);
}

void engine_free(struct engine *en)
{
	if (!en)
		return;
	for (size_t i = 0; i < en->nproxies; i++)
		listener_free(en->proxies[i].listener);
	session_table_free(en->sessions);
	pkt_side_free(en->packets);
	free(en->proxies);
	free(en);
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
		pkt_side_stats(en->packets, &out->packets);
}

const char *engine_packet_backend(const struct engine *en)
{
	return en->packets ? pkt_side_backend(en->packets) : NULL;
}
