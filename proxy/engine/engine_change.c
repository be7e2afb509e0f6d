/* engine_change.c - all that can fail is done first, then the change is made whole. Rules are made
 * of a list of proxies: of the wanted list to do the change, of the present list to undo it. */
#include "proxy/engine/engine_change.h"

#include "proxy/base/mark.h"
#include "proxy/base/mem.h"
#include "proxy/engine/engine_accept.h"
#include "proxy/engine/engine_adopt.h"
#include "proxy/engine/engine_connect.h"
#include "proxy/engine/engine_intercept.h"
#include "proxy/engine/engine_linger.h"
#include "proxy/engine/engine_proxy.h"
#include "proxy/engine/engine_select.h"
#include "proxy/stream/session_sockets.h"

#include <string.h>

/* A proxy with what it has in one of the two lists. */
struct slot {
	const struct engine_proxy_config *config;
	struct engine_proxy *proxy;
	struct listener *listener;    /* NULL when forwarded */
	bool new_proxy, new_listener; /* made by this change */
	bool unchanged;		      /* nothing of it is to be done again */
};

struct slots {
	struct slot *slot;
	size_t n;
	bool packets; /* the packet plane sees all packets of every proxy */
};

struct change {
	struct engine *engine;
	struct slots present, wanted;
	size_t at;	  /* find_proxy's */
	bool plane_began; /* by this change */
	bool packets_changed, intercept_changed;
};

static struct slots present_slots(const struct engine *en)
{
	struct slots s = {.slot = xcalloc(en->nproxies + 1, sizeof(struct slot)),
			  .n = en->nproxies,
			  .packets = en->packets_all};

	for (size_t i = 0; i < s.n; i++) {
		struct engine_proxy *p = en->proxies[i];

		p->kept = p->listener_kept = false;
		s.slot[i] =
		    (struct slot){.config = &p->config, .proxy = p, .listener = p->listener};
	}
	return s;
}

/* One that goes on as it is costs no more than this, so that a change of another one doesn't take
 * longer the more there are. After present_slots. */
static struct slot keep_proxy(struct engine_proxy *p)
{
	p->kept = p->listener_kept = true;
	return (struct slot){
	    .config = &p->config, .proxy = p, .listener = p->listener, .unchanged = true};
}

static struct slots wanted_slots(const struct engine *en, const struct engine_wanted *wanted,
				 size_t n, bool packets)
{
	struct slots s = {.slot = xcalloc(n + 1, sizeof(struct slot)), .n = n, .packets = packets};

	for (size_t i = 0; i < n; i++)
		if (wanted[i].config)
			s.slot[i].config = wanted[i].config;
		else
			s.slot[i] = keep_proxy(en->proxies[wanted[i].kept]);
	return s;
}

/* Looks from the place *at on, behind which it leaves off: most proxies keep their order. */
static struct engine_proxy *find_proxy(const struct engine *en,
				       const struct engine_proxy_config *pc, size_t *at)
{
	for (size_t k = 0; k < en->nproxies; k++) {
		struct engine_proxy *p = en->proxies[(*at + k) % en->nproxies];

		if (strcmp(p->name, pc->name) != 0 || p->config.mode != pc->mode)
			continue;
		*at = (*at + k + 1) % en->nproxies;
		return p;
	}
	return NULL;
}

/* Finds a listener that goes on: that of the slot's proxy, else another proxy's at that very
 * address. "Port 0" is another port for each proxy. */
static struct listener *find_listener(const struct change *ch, const struct slot *slot)
{
	const struct engine *en = ch->engine;
	const struct addr *wanted = &slot->config->listen;
	struct engine_proxy *own = slot->proxy;

	if (own && own->listener && addr_equal(&own->config.listen, wanted)) {
		own->listener_kept = true;
		return own->listener; /* port 0 too */
	}
	for (size_t i = 0; i < en->nproxies && addr_port(wanted); i++) {
		struct engine_proxy *p = en->proxies[i];

		if (p->listener && p->config.mode == slot->config->mode &&
		    addr_equal(listener_addr(p->listener), wanted) && !p->listener_kept) {
			p->listener_kept = true;
			return p->listener;
		}
	}
	return NULL;
}

/* The packet plane's rules look at the mark, and those of a transparent proxy. */
static uint32_t client_mark(const struct change *ch, const struct slot *slot)
{
	return ch->wanted.packets || slot->config->mode == PROXY_TRANSPARENT ? MARK_CLIENT_LEG : 0;
}

static int prepare_listener(struct change *ch, struct slot *slot, struct err *e)
{
	struct engine *en = ch->engine;
	struct listener_config lc = {.addr = slot->config->listen,
				     .mark = client_mark(ch, slot),
				     .transparent = slot->config->mode == PROXY_TRANSPARENT,
				     .share = slot->config->share,
				     .loopback_only = slot->config->mode == PROXY_REDIRECT,
				     .rcvbuf = slot->config->session_config.rcvbuf[LEG_CLIENT],
				     .log = en->env.log,
				     .accepted = engine_accept_cb};

	slot->listener = find_listener(ch, slot);
	if (slot->listener)
		return 0;
	slot->listener = listener_new(en->loop, &lc, e);
	slot->new_listener = true;
	return slot->listener ? 0 : -1;
}

/* True when rules of the engine's take connections for a proxy. */
static bool is_intercepted(const struct engine_proxy_config *pc)
{
	return pc->mode == PROXY_TRANSPARENT ||
	       (pc->mode == PROXY_REDIRECT && !pc->caught_elsewhere);
}

static int prepare_proxy(struct change *ch, struct slot *slot, struct err *e)
{
	const struct engine_proxy_config *pc = slot->config;

	if (pc->mode == PROXY_FORWARD && !ch->wanted.packets)
		return err_set(e, "forwarding needs the packet plane");
	if (pc->mode == PROXY_REDIRECT && is_intercepted(pc) && redirect_allowed(e) == -1)
		return -1;
	slot->proxy = find_proxy(ch->engine, pc, &ch->at);
	if (pc->mode != PROXY_FORWARD && !pc->listens_elsewhere &&
	    prepare_listener(ch, slot, e) == -1)
		return -1;
	if (slot->proxy) {
		slot->proxy->kept = true;
		return 0;
	}
	slot->proxy = engine_proxy_new(ch->engine, pc->name);
	slot->new_proxy = true;
	return 0;
}

/* Of all proxies, or of those that defer their accepts; the caller frees. */
static struct pkt_select *make_selects(const struct slots *s, size_t *n)
{
	struct pkt_select *select = xcalloc(s->n + 1, sizeof(*select));

	*n = 0;
	for (size_t i = 0; i < s->n; i++) {
		const struct slot *slot = &s->slot[i];
		const struct listener *l = slot->listener;

		if (s->packets || engine_defers_accept(slot->config))
			select[(*n)++] = engine_select(slot->config, slot->proxy,
						       l ? listener_addr(l) : NULL, s->packets);
	}
	return select;
}

/* Says which proxies can't refuse a client by answering its SYN, and why. plane: why there is no
 * packet plane, or NULL. */
static void warn_late_refusals(const struct change *ch, const char *plane)
{
	for (size_t i = 0; i < ch->wanted.n; i++) {
		const struct engine_proxy_config *pc = ch->wanted.slot[i].config;
		const char *why = pc->proxy_protocol_in ? "its PROXY header says who the client is"
				  : pc->early_accept	? "with early accept no SYN is held"
							: plane;

		if (!pc->refuses || (engine_defers_accept(pc) && !plane))
			continue;
		log_warn(ch->engine->env.log,
			 "%s: a client to be refused is accepted first, and then reset: %s",
			 pc->name, why);
	}
}

static bool has_intercepted(const struct slots *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (is_intercepted(s->slot[i].config))
			return true;
	return false;
}

static int begin_plane(struct change *ch, const struct pkt_select *select, size_t n, struct err *e)
{
	struct engine *en = ch->engine;
	const struct packet_plane_config psc = {
	    .select = select, .nselect = n, .env = &en->env, .numbers = &en->commons->numbers};

	en->packets = packet_plane_new(en->loop, &psc, e);
	ch->plane_began = en->packets;
	if (en->packets)
		return 0;
	if (ch->wanted.packets)
		return -1;
	if (has_intercepted(&ch->wanted))
		log_warn(en->env.log, "clients are accepted before their server has answered: %s",
			 e->text);
	warn_late_refusals(ch, e->text);
	return 0;
}

static int select_packets(struct engine *en, const struct slots *s, struct err *e)
{
	size_t n;
	struct pkt_select *select = make_selects(s, &n);
	int rc = packet_plane_select(en->packets, select, n, e);

	free(select);
	return rc;
}

/* After the listeners are bound, when their ports are known, and before they listen. */
static int prepare_packets(struct change *ch, struct err *e)
{
	struct pkt_select *select;
	size_t n;
	int rc = 0;

	warn_late_refusals(ch, NULL);
	if (ch->engine->packets) {
		ch->packets_changed = true; /* part of the rules, when it fails */
		return select_packets(ch->engine, &ch->wanted, e);
	}
	select = make_selects(&ch->wanted, &n);
	if (n)
		rc = begin_plane(ch, select, n, e);
	free(select);
	return rc;
}

static int intercept_connections(struct engine *en, const struct slots *s, struct err *e)
{
	struct intercept_match *match = xcalloc(s->n + 1, sizeof(*match));
	size_t n = 0;
	int rc;

	for (size_t i = 0; i < s->n; i++) {
		const struct slot *slot = &s->slot[i];

		if (!is_intercepted(slot->config))
			continue;
		match[n] = slot->config->intercept;
		match[n++].listen = addr_port(listener_addr(slot->listener));
	}
	rc = engine_intercept_set(en, match, n, e);
	free(match);
	return rc;
}

/* Last of all that can fail: the rules bring connections, and by now their listeners accept. */
static int prepare_intercept(struct change *ch, struct err *e)
{
	ch->intercept_changed = true; /* part of the rules, when it fails */
	return intercept_connections(ch->engine, &ch->wanted, e);
}

/* With one proxy alone the name would say nothing. */
static int wrap_name(const struct change *ch, const struct engine_proxy_config *pc, struct err *e)
{
	return ch->wanted.n > 1 ? err_wrap(e, "proxy '%s'", pc->name) : -1;
}

static int prepare_change(struct change *ch, struct err *e)
{
	struct slots *wanted = &ch->wanted;

	for (size_t i = 0; i < wanted->n; i++)
		if (!wanted->slot[i].unchanged && prepare_proxy(ch, &wanted->slot[i], e) == -1)
			return wrap_name(ch, wanted->slot[i].config, e);
	if (prepare_packets(ch, e) == -1)
		return -1;
	for (size_t i = 0; i < wanted->n; i++)
		if (wanted->slot[i].new_listener &&
		    listener_start(wanted->slot[i].listener, e) == -1)
			return wrap_name(ch, wanted->slot[i].config, e);
	return prepare_intercept(ch, e);
}

static void restore_intercept(const struct change *ch)
{
	struct err why;

	if (intercept_connections(ch->engine, &ch->present, &why) == -1)
		log_error(ch->engine->env.log, "the intercepting rules can't be taken back: %s",
			  why.text);
}

static void restore_packets(const struct change *ch)
{
	struct err why;

	if (select_packets(ch->engine, &ch->present, &why) == -1)
		log_error(ch->engine->env.log, "the packet rules can't be taken back: %s",
			  why.text);
}

static void undo_change(struct change *ch)
{
	const struct slots *wanted = &ch->wanted;
	struct engine *en = ch->engine;

	for (size_t i = 0; i < wanted->n; i++)
		if (wanted->slot[i].new_listener)
			listener_free(wanted->slot[i].listener);
	if (ch->intercept_changed)
		restore_intercept(ch);
	if (ch->plane_began) {
		packet_plane_free(en->packets, NULL);
		en->packets = NULL;
	}
	if (ch->packets_changed)
		restore_packets(ch);
	for (size_t i = 0; i < wanted->n; i++)
		if (wanted->slot[i].new_proxy)
			engine_proxy_free(wanted->slot[i].proxy);
}

static void end_listener(struct engine_proxy *p)
{
	bool listens_on = p->gone && engine_listens_on(p);

	if (p->kept && p->passes_on) {
		engine_linger(p);
		return;
	}
	if (!listens_on)
		listener_stop(p->listener);
	engine_connect_end(p->engine, p);
	if (listens_on)
		return;
	listener_free(p->listener);
	p->listener = NULL;
}

/* Listeners that aren't wanted hand over what the kernel has accepted to their old proxies; then
 * those may retire. */
static void retire_proxies(struct change *ch)
{
	struct engine *en = ch->engine;

	for (size_t i = 0; i < en->nproxies; i++) {
		struct engine_proxy *p = en->proxies[i];

		p->gone = !p->kept;
		if (p->listener && !p->listener_kept)
			end_listener(p);
		else
			p->listener = NULL;
		if (p->gone)
			TAILQ_INSERT_TAIL(&en->retired, p, retired);
	}
}

static void commit_slot(const struct change *ch, const struct slot *slot)
{
	struct engine_proxy *p = slot->proxy;

	if (!slot->unchanged)
		engine_proxy_configure(p, slot->config);
	p->gone = false;
	p->listener = slot->listener;
	if (p->passes_on)
		engine_accept_pass_on(p);
	if (p->listener)
		listener_set(p->listener, p, client_mark(ch, slot),
			     p->config.session_config.rcvbuf[LEG_CLIENT]);
}

static void commit_change(struct change *ch)
{
	const struct slots *wanted = &ch->wanted;
	struct engine *en = ch->engine;

	for (size_t i = 0; i < wanted->n; i++)
		wanted->slot[i].proxy->passes_on = wanted->slot[i].config->passes_on && en->pass_on;
	retire_proxies(ch);
	en->proxies = xrealloc(en->proxies, wanted->n + 1, sizeof(struct engine_proxy *));
	en->nproxies = wanted->n;
	for (size_t i = 0; i < wanted->n; i++) {
		commit_slot(ch, &wanted->slot[i]);
		en->proxies[i] = wanted->slot[i].proxy;
	}
	engine_linger_end_moved(en);
	engine_connect_recheck(en);
	en->sessions->marked = wanted->packets || en->tproxy || en->redirect || en->marks_legs;
	en->sessions->packets_tell = wanted->packets || en->seen_elsewhere;
	if (wanted->packets && !en->packets_all)
		engine_adopt_own(en);
	/* The rules would take the server legs that sessions from before them still dial. */
	if (en->redirect)
		session_table_mark(en->sessions, false);
	en->packets_all = wanted->packets;
}

int engine_change(struct engine *en, const struct engine_wanted *wanted, size_t n,
		  bool packet_plane, struct err *e)
{
	struct change ch = {.engine = en, .present = present_slots(en)};
	int rc = -1;

	ch.wanted = wanted_slots(en, wanted, n, packet_plane || en->packets_all);

	engine_proxy_release(en, false);
	if (en->draining)
		err_set(e, "wedge is stopping, and accepts no change");
	else
		rc = prepare_change(&ch, e);
	if (rc == 0)
		commit_change(&ch);
	else
		undo_change(&ch);
	free(ch.present.slot);
	free(ch.wanted.slot);
	return rc;
}
