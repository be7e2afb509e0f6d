/* engine_change.c - how an engine's proxies come and go: all that can fail is done first, then the
 * change is made whole. */
#include "proxy/engine/engine_state.h"

#include "proxy/base/mark.h"
#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"

#include <string.h>

/* One wanted proxy while the change is prepared. */
struct place {
	const struct engine_proxy_config *config;
	struct engine_proxy *proxy; /* one that goes on, or a new one */
	struct listener *listener;  /* one that goes on, or a new one; NULL when forwarded */
	bool new_proxy, new_listener;
};

struct change {
	struct engine *engine;
	struct place *place;
	size_t n;
	bool packets;	    /* all of every proxy */
	bool packets_began; /* the plane, by this change */
	bool rules_changed, intercept_changed;
};

static void conn_opened(void *arg, struct pkt_conn *c)
{
	struct engine_proxy *p = arg;

	p->users++;
	if (p->config.pkt_hooks.open)
		p->config.pkt_hooks.open(p->config.pkt_hooks.arg, c);
}

static void conn_closed(void *arg, struct pkt_conn *c)
{
	struct engine_proxy *p = arg;

	if (c->pending)
		session_close(pending_connect_session(c->pending), CLOSE_BROKEN,
			      "the client's asking was forgotten");
	if (p->config.pkt_hooks.close)
		p->config.pkt_hooks.close(p->config.pkt_hooks.arg, c);
	p->users--;
}

static struct engine_proxy *find_proxy(const struct engine *en,
				       const struct engine_proxy_config *pc)
{
	for (size_t i = 0; i < en->nproxies; i++)
		if (strcmp(en->proxies[i]->name, pc->name) == 0 &&
		    en->proxies[i]->config.mode == pc->mode)
			return en->proxies[i];
	return NULL;
}

static bool is_taken(const struct change *ch, const struct listener *l)
{
	for (size_t i = 0; i < ch->n; i++)
		if (ch->place[i].listener == l)
			return true;
	return false;
}

/* A listener that goes on: its proxy's own, else one at that very address. "Port 0" is another port
 * for everybody. */
static struct listener *find_listener(const struct change *ch, const struct place *pl)
{
	const struct engine *en = ch->engine;
	const struct addr *wanted = &pl->config->listen;
	struct engine_proxy *own = pl->proxy;

	if (own && own->listener && addr_equal(&own->config.listen, wanted))
		return own->listener; /* port 0 too */
	for (size_t i = 0; i < en->nproxies && addr_port(wanted); i++) {
		struct engine_proxy *p = en->proxies[i];

		if (p->listener && p->config.mode == pl->config->mode &&
		    addr_equal(listener_addr(p->listener), wanted) && !is_taken(ch, p->listener))
			return p->listener;
	}
	return NULL;
}

/* The packet plane's rules look at the mark, and those of a transparent proxy. */
static uint32_t client_mark(const struct change *ch, const struct place *pl)
{
	return ch->packets || pl->config->mode == PROXY_TRANSPARENT ? MARK_CLIENT_LEG : 0;
}

static int place_listener(struct change *ch, struct place *pl, struct err *e)
{
	struct engine *en = ch->engine;
	struct listener_config lc = {.addr = pl->config->listen,
				     .mark = client_mark(ch, pl),
				     .transparent = pl->config->mode == PROXY_TRANSPARENT,
				     .loopback_only = pl->config->mode == PROXY_REDIRECT,
				     .rcvbuf = pl->config->session_hooks.rcvbuf[LEG_CLIENT],
				     .log = en->env.log,
				     .accepted = engine_accepted_cb};

	pl->listener = find_listener(ch, pl);
	if (pl->listener)
		return 0;
	pl->listener = listener_new(en->loop, &lc, e);
	pl->new_listener = true;
	return pl->listener ? 0 : -1;
}

static int place_proxy(struct change *ch, struct place *pl, struct err *e)
{
	if (pl->config->mode == PROXY_FORWARD && !ch->packets)
		return err_set(e, "forwarding needs the packet plane");
	if (pl->config->mode == PROXY_REDIRECT && engine_intercepts_for(pl->config) &&
	    redirect_allowed(e) == -1)
		return -1;
	pl->proxy = find_proxy(ch->engine, pl->config);
	if (pl->config->mode != PROXY_FORWARD && place_listener(ch, pl, e) == -1)
		return -1;
	if (pl->proxy)
		return 0;
	pl->proxy = xcalloc(1, sizeof(*pl->proxy));
	pl->proxy->engine = ch->engine;
	pl->proxy->name = xstrdup(pl->config->name);
	pl->new_proxy = true;
	return 0;
}

struct pkt_select engine_select(const struct engine_proxy_config *pc, struct engine_proxy *p,
				const struct addr *listen, bool all)
{
	bool defers = engine_defers_accept(pc), as_client = engine_as_client(pc);

	return (struct pkt_select){
	    .forwarded = pc->mode == PROXY_FORWARD,
	    .transparent = pc->mode == PROXY_TRANSPARENT,
	    .intercept = pc->intercept,
	    .redirected = pc->mode == PROXY_REDIRECT && defers,
	    .syns_only = !all,
	    .addr = listen ? *listen : pc->server,
	    .hooks = {.open = conn_opened,
		      .close = conn_closed,
		      .syn_held = defers ? engine_syn_held_cb : NULL,
		      .gave_up = engine_gave_up_cb,
		      .unreachable = defers && as_client ? engine_unreachable_cb : NULL,
		      .headers_only = !all || pc->pkt_hooks.headers_only,
		      .arg = p}};
}

static const struct addr *address_of(const struct listener *l)
{
	return l ? listener_addr(l) : NULL;
}

/* Of all proxies, or of those whose clients wait for their server's answer; the caller frees. */
static struct pkt_select *wanted_selects(const struct change *ch, size_t *n)
{
	struct pkt_select *select = xcalloc(ch->n + 1, sizeof(*select));

	*n = 0;
	for (size_t i = 0; i < ch->n; i++) {
		const struct place *pl = &ch->place[i];

		if (ch->packets || engine_defers_accept(pl->config))
			select[(*n)++] = engine_select(pl->config, pl->proxy,
						       address_of(pl->listener), ch->packets);
	}
	return select;
}

static int packets_begin(struct change *ch, const struct pkt_select *select, size_t n,
			 struct err *e)
{
	struct engine *en = ch->engine;
	const struct packet_plane_config psc = {
	    .select = select, .nselect = n, .env = &en->env, .sessions = en->last_number};

	en->packets = packet_plane_new(en->loop, &psc, e);
	ch->packets_began = en->packets;
	if (en->packets)
		return 0;
	if (ch->packets)
		return -1;
	log_warn(en->env.log, "clients are accepted before their server has answered: %s", e->text);
	return 0;
}

/* After the listeners are bound, when their ports are known, and before they listen. */
static int place_packets(struct change *ch, struct err *e)
{
	size_t n;
	struct pkt_select *select = wanted_selects(ch, &n);
	int rc = 0;

	if (ch->engine->packets) {
		ch->rules_changed = true; /* part of them, when it fails */
		rc = packet_plane_select(ch->engine->packets, select, n, e);
	} else if (n) {
		rc = packets_begin(ch, select, n, e);
	}
	free(select);
	return rc;
}

/* What is taken by rules; the caller frees. */
static struct intercept_match *taken_of(const struct change *ch, size_t *n)
{
	struct intercept_match *select = xcalloc(ch->n + 1, sizeof(*select));

	*n = 0;
	for (size_t i = 0; i < ch->n; i++) {
		const struct place *pl = &ch->place[i];

		if (!engine_intercepts_for(pl->config))
			continue;
		select[*n] = pl->config->intercept;
		select[(*n)++].listen = addr_port(listener_addr(pl->listener));
	}
	return select;
}

/* Last of all that can fail: there is somebody who accepts what the rules bring. */
static int place_intercept(struct change *ch, struct err *e)
{
	size_t n;
	struct intercept_match *select = taken_of(ch, &n);
	int rc = 0;

	ch->intercept_changed = n || ch->engine->tproxy || ch->engine->redirect;
	if (ch->intercept_changed)
		rc = engine_intercept(ch->engine, select, n, e);
	free(select);
	return rc;
}

/* Of one proxy alone there is no question which. */
static int wrap_name(const struct change *ch, const struct engine_proxy_config *pc, struct err *e)
{
	return ch->n > 1 ? err_wrap(e, "proxy '%s'", pc->name) : -1;
}

static int prepare(struct change *ch, const struct engine_proxy_config *proxies, struct err *e)
{
	for (size_t i = 0; i < ch->n; i++) {
		ch->place[i].config = &proxies[i];
		if (place_proxy(ch, &ch->place[i], e) == -1)
			return wrap_name(ch, &proxies[i], e);
	}
	if (place_packets(ch, e) == -1)
		return -1;
	for (size_t i = 0; i < ch->n; i++)
		if (ch->place[i].new_listener && listener_start(ch->place[i].listener, e) == -1)
			return wrap_name(ch, &proxies[i], e);
	return place_intercept(ch, e);
}

static void take_as_before(struct engine *en)
{
	struct intercept_match *select = xcalloc(en->nproxies + 1, sizeof(*select));
	struct err why;
	size_t n = 0;

	for (size_t i = 0; i < en->nproxies; i++) {
		const struct engine_proxy *p = en->proxies[i];

		if (!engine_intercepts_for(&p->config))
			continue;
		select[n] = p->config.intercept;
		select[n++].listen = addr_port(listener_addr(p->listener));
	}
	if (engine_intercept(en, select, n, &why) == -1)
		log_error(en->env.log, "the intercepting rules can't be taken back: %s", why.text);
	free(select);
}

static void select_as_before(struct engine *en)
{
	struct pkt_select *select = xcalloc(en->nproxies + 1, sizeof(*select));
	struct err why;
	size_t n = 0;

	for (size_t i = 0; i < en->nproxies; i++) {
		struct engine_proxy *p = en->proxies[i];

		if (en->packets_all || engine_defers_accept(&p->config))
			select[n++] =
			    engine_select(&p->config, p, address_of(p->listener), en->packets_all);
	}
	if (packet_plane_select(en->packets, select, n, &why) == -1)
		log_error(en->env.log, "the packet rules can't be taken back: %s", why.text);
	free(select);
}

static void undo(struct change *ch)
{
	struct engine *en = ch->engine;

	for (size_t i = 0; i < ch->n; i++)
		if (ch->place[i].new_listener)
			listener_free(ch->place[i].listener);
	if (ch->intercept_changed)
		take_as_before(en);
	if (ch->packets_began) {
		packet_plane_free(en->packets, NULL);
		en->packets = NULL;
	}
	if (ch->rules_changed)
		select_as_before(en);
	for (size_t i = 0; i < ch->n; i++) {
		if (!ch->place[i].new_proxy)
			continue;
		free(ch->place[i].proxy->name);
		free(ch->place[i].proxy);
	}
}

static void mark_socket(int fd, uint32_t mark)
{
	if (fd != -1)
		sock_set_int(fd, SOL_SOCKET, SO_MARK, (int)mark);
}

/* The packet plane has begun under open sessions: it gets to know them under their numbers. */
static void adopt_sessions(struct engine *en)
{
	struct addr peer, local;
	struct session *s;

	engine_mark_waiting(en);
	TAILQ_FOREACH (s, &en->sessions->open, entry) {
		uint32_t mark = mark_server_leg(s->number);

		mark_socket(s->ep[LEG_CLIENT].fd, MARK_CLIENT_LEG);
		mark_socket(s->ep[LEG_SERVER].fd, mark);
		mark_socket(s->dial.fd, mark);
		s->dial.mark = mark;
		if (s->ep[LEG_CLIENT].fd == -1)
			continue;
		sock_peer(s->ep[LEG_CLIENT].fd, &peer); /* s->client may be a PROXY header's */
		sock_local(s->ep[LEG_CLIENT].fd, &local);
		packet_plane_adopt(en->packets, &peer, &local, s->number);
	}
}

/* What is still to be dialled, for sessions that began before the rules, would be redirected. */
static void mark_dials(struct engine *en)
{
	struct session *s;

	TAILQ_FOREACH (s, &en->sessions->open, entry)
		if (!s->dial.mark)
			s->dial.mark = mark_server_leg(s->number);
}

static bool goes_on(const struct change *ch, const struct engine_proxy *p)
{
	for (size_t i = 0; i < ch->n; i++)
		if (ch->place[i].proxy == p)
			return true;
	return false;
}

static void listener_end(struct engine_proxy *p)
{
	bool lives = p->gone && engine_listens_on(p);

	if (!lives)
		listener_stop(p->listener);
	engine_connect_end(p->engine, p);
	if (lives)
		return;
	listener_free(p->listener);
	p->listener = NULL;
}

/* Listeners that nobody wants hand over what the kernel has accepted, to the proxy that they were
 * of; then their proxies may retire. */
static void retire(struct change *ch)
{
	struct engine *en = ch->engine;

	for (size_t i = 0; i < en->nproxies; i++) {
		struct engine_proxy *p = en->proxies[i];

		p->gone = !goes_on(ch, p);
		if (p->listener && !is_taken(ch, p->listener))
			listener_end(p);
		else
			p->listener = NULL;
		if (p->gone)
			TAILQ_INSERT_TAIL(&en->retired, p, retired);
	}
}

static void commit(struct change *ch)
{
	struct engine *en = ch->engine;

	retire(ch);
	en->proxies = xrealloc(en->proxies, ch->n + 1, sizeof(struct engine_proxy *));
	en->nproxies = ch->n;
	for (size_t i = 0; i < ch->n; i++) {
		struct place *pl = &ch->place[i];
		struct engine_proxy *p = pl->proxy;

		p->config = *pl->config;
		p->config.name = p->name;
		p->listener = pl->listener;
		if (p->listener)
			listener_set(p->listener, p, client_mark(ch, pl),
				     p->config.session_hooks.rcvbuf[LEG_CLIENT]);
		en->proxies[i] = p;
	}
	engine_connect_recheck(en);
	en->sessions->marked = ch->packets || en->tproxy || en->redirect;
	en->sessions->packets_tell = ch->packets;
	if (ch->packets && !en->packets_all)
		adopt_sessions(en);
	if (en->redirect)
		mark_dials(en);
	en->packets_all = ch->packets;
}

int engine_change(struct engine *en, const struct engine_proxy_config *proxies, size_t n,
		  bool packet_plane, struct err *e)
{
	struct change ch = {.engine = en,
			    .place = xcalloc(n + 1, sizeof(struct place)),
			    .n = n,
			    .packets = packet_plane || en->packets_all};
	int rc = -1;

	engine_release(en, false);
	if (en->draining)
		err_set(e, "wedge is stopping, and accepts no change");
	else
		rc = prepare(&ch, proxies, e);
	if (rc == 0)
		commit(&ch);
	else
		undo(&ch);
	free(ch.place);
	return rc;
}
