/* service.c - changes by a plan: everything that can fail is made before, then the engine changes,
 * which alone can still fail, and then the plan is committed. */
#include "proxy/service/service.h"

#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"
#include "proxy/engine/engine_adopt.h"
#include "proxy/engine/engine_change.h"
#include "proxy/service/service_proxy.h"
#include "proxy/service/service_words.h"
#include "proxy/stream/tls/keylogs.h"
#include "proxy/stream/tls/tls.h"
#include "proxy/stream/tls/tls_state.h"

#include <string.h>

struct service {
	struct service_env env;
	struct engine *engine;
	const struct impairments_ops *ops;
	struct service_proxy **proxy;
	size_t n;
	struct keylogs keylogs;
	const struct line_copies *secrets; /* that TLS's secrets are copied to; NULL: none */
};

/* One proxy of a change. tls and map are the step's until it is committed. */
struct plan_step {
	const struct config_proxy *wanted; /* NULL: it stays as it is */
	struct engine_proxy_config *config;
	struct service_proxy *live;
	struct tls *tls;
	struct upstream_map *map;
	bool added;
};

struct plan {
	struct plan_step *step;
	struct engine_wanted *wanted; /* of each step */
	struct engine_proxy_config *config;
	size_t n, nconfig, at; /* at: find_proxy's */
	bool packets;
	bool listen; /* on addresses that are shared */
};

struct service *service_new(const struct service_env *env, struct err *e)
{
	const struct engine_config ec = {.journal = env->journal,
					 .log = env->log,
					 .seed = env->seed,
					 .commons = env->commons,
					 .timed = env->timed,
					 .pass_on = env->pass_on,
					 .pass_on_arg = env->pass_on_arg};
	struct service *s = xcalloc(1, sizeof(*s));

	s->env = *env;
	s->ops = env->ops;
	s->engine = engine_new(env->loop, &ec, e);
	if (s->engine)
		return s;
	free(s);
	return NULL;
}

int service_end(struct service *s, struct err *e)
{
	int rc;

	if (!s)
		return 0;
	engine_free(s->engine, NULL);
	rc = keylogs_end(&s->keylogs, e);
	free(s->proxy);
	free(s);
	return rc;
}

void service_copy_secrets(struct service *s, const struct line_copies *copies)
{
	s->secrets = copies;
}

struct engine *service_engine(struct service *s)
{
	return s->engine;
}

/* Looks from the place *at on, behind which it leaves off: most proxies keep their order. */
static struct service_proxy *find_proxy(const struct service *s, const struct config_proxy *cp,
					size_t *at)
{
	for (size_t k = 0; k < s->n; k++) {
		struct service_proxy *sp = s->proxy[(*at + k) % s->n];

		if (strcmp(sp->name, cp->name) != 0 || sp->mode != (enum proxy_mode)cp->mode)
			continue;
		*at = (*at + k + 1) % s->n;
		return sp;
	}
	return NULL;
}

/* Of a service that follows another: where that one's proxy listens. */
struct followed {
	const struct service_proxy *proxy; /* NULL: it follows nobody */
	const struct addr *listen;
	bool shared; /* others may listen there too, and this one can */
};

static struct followed find_followed(const struct plan *pl, const struct service *s,
				     const struct config_proxy *cp)
{
	const struct service *first = s->env.first;
	struct followed f = {0};
	size_t next = pl->at;

	if (!first)
		return f;
	f.proxy = find_proxy(first, cp, &next);
	BUG_ON(!f.proxy); /* it has been changed to the same configuration */
	f.listen = engine_listen_addr(first->engine, (next + first->n - 1) % first->n);
	f.shared = !f.proxy->alone && pl->listen;
	return f;
}

/* Says where the proxy listens, which has its configuration otherwise. */
static void share_listener(const struct service *s, struct engine_proxy_config *pc,
			   const struct followed *f)
{
	if (!f->proxy) {
		pc->share =
		    s->env.followed && pc->mode == PROXY_EXPLICIT ? LISTENER_FIRST : LISTENER_ALONE;
		return;
	}
	pc->share = LISTENER_JOINS;
	pc->listens_elsewhere = !f->shared;
	pc->passes_on = f->proxy->alone;
	pc->refuses = false; /* by packets, which are the first one's */
	if (f->listen)
		pc->listen = *f->listen;
}

/* Nothing that costs time is done for a proxy that stays as it is. */
static void plan_keep_proxy(struct plan *pl, const struct service *s, const char *name)
{
	const struct config_proxy cp = {.name = (char *)name, .mode = PROXY_EXPLICIT};
	struct plan_step *st = &pl->step[pl->n];

	st->live = find_proxy(s, &cp, &pl->at);
	BUG_ON(!st->live || s->env.first || s->env.followed);
	pl->wanted[pl->n++].kept = (pl->at + s->n - 1) % s->n;
	pl->packets |= s->ops->needs_packets(st->live->impairments) != NULL;
}

static void plan_add_proxy(struct plan *pl, const struct service *s, const struct config_proxy *cp)
{
	struct plan_step *st = &pl->step[pl->n];
	struct engine_proxy_config *pc = &pl->config[pl->nconfig];
	const struct followed followed = find_followed(pl, s, cp);

	st->wanted = cp;
	st->live = find_proxy(s, cp, &pl->at);
	st->added = !st->live;
	if (st->added && followed.proxy && !followed.shared)
		return; /* there are no sessions of it here, and none will come */
	pl->nconfig++;
	st->config = pc;
	pl->wanted[pl->n++].config = pc;
	if (st->added)
		st->live = service_proxy_new(s->ops, cp);
	if (st->added && followed.proxy)
		s->ops->join(st->live->impairments, followed.proxy->impairments);
	st->map = service_proxy_map(&cp->map);
	*pc = (struct engine_proxy_config){.name = cp->name,
					   .mode = (enum proxy_mode)cp->mode,
					   .listen = cp->listen,
					   .upstream = cp->upstream,
					   .server = cp->server,
					   .intercept = cp->intercept,
					   .map = st->map,
					   .own_address = cp->own_address,
					   .proxy_protocol_in = cp->protocol.in,
					   .early_accept = cp->early_accept,
					   .released = service_proxy_free,
					   .released_arg = st->live};
	s->ops->give_hooks(st->live->impairments, cp->impairments, pc);
	pc->session_config.connect_timeout = cp->connect_timeout;
	pc->session_config.close_unreachable = cp->close_unreachable;
	pc->session_config.proxy_protocol_out = (enum proxy_protocol_version)cp->protocol.out;
	share_listener(s, pc, &followed);
	if (!followed.proxy)
		pl->packets |= cp->mode == PROXY_FORWARD || s->ops->needs_packets(cp->impairments);
}

/* Reads the files of TLS again at each change: a certificate may have been renewed. Open sessions
 * keep what they began with. */
static int plan_load_tls(struct plan *pl, struct service *s, struct err *e)
{
	for (size_t i = 0; i < pl->n; i++) {
		struct plan_step *st = &pl->step[i];

		if (!st->wanted)
			continue;
		st->config->session_config.tls_start = (enum tls_start_kind)st->wanted->tls.start;
		if (st->wanted->tls.mode == TLS_PASSTHROUGH || s->env.first)
			continue;
		st->tls = tls_new(&st->wanted->tls, e);
		if (!st->tls || keylogs_serve(&s->keylogs, st->tls, st->wanted->tls.keylog, e)) {
			err_wrap(e, "tls");
			return pl->n > 1 ? err_wrap(e, "proxy '%s'", st->wanted->name) : -1;
		}
		tls_copy_secrets(st->tls, s->secrets);
		st->config->session_config.tls = st->tls;
	}
	return 0;
}

static int plan_refuse_packets(const struct service *s, const struct plan *pl, struct err *e)
{
	for (size_t i = 0; i < pl->n; i++) {
		const struct config_proxy *cp = pl->step[i].wanted;
		const struct service_proxy *sp = pl->step[i].live;
		const struct impairment_set *set = cp ? cp->impairments : sp->impairments;
		const char *needs = s->ops->needs_packets(set);
		const char *instead = s->ops->without_packets(set);

		if (!needs && sp->mode != PROXY_FORWARD)
			continue;
		err_set(e,
			"%s acts on packets, which needs CAP_NET_ADMIN and CAP_NET_RAW in the "
			"network namespace; %s%swithout",
			needs ? needs : "mode forward", instead ? instead : "impairments of the ",
			instead ? " works " : "stream plane work ");
		return pl->n > 1 ? err_wrap(e, "proxy '%s'", sp->name) : -1;
	}
	return 0;
}

/* Puts a text in the place of another. Returns true when they differ, as do the next three. */
static bool replace_text(char **text, char *with)
{
	bool differ = !*text || strcmp(*text, with) != 0;

	free(*text);
	*text = with;
	return differ;
}

static bool replace_tls(struct service_proxy *sp, struct plan_step *st)
{
	bool differ = !param_equal(tls_params, &sp->tls_config, &st->wanted->tls);

	tls_unref(sp->tls);
	sp->tls = st->tls;
	st->tls = NULL;
	param_free(tls_params, &sp->tls_config);
	param_copy(tls_params, &sp->tls_config, &st->wanted->tls, sizeof(sp->tls_config));
	return differ;
}

/* The engine uses the new map already. */
static bool replace_map(struct service_proxy *sp, struct plan_step *st)
{
	bool differ = !sp->map || !upstream_map_equal(sp->map, st->map);

	service_proxy_map_free(sp->map);
	sp->map = st->map;
	st->map = NULL;
	return differ;
}

static bool replace_protocol(struct service_proxy *sp, const struct config_protocol *with)
{
	bool differ = !param_equal(config_protocol_params, &sp->protocol, with);

	sp->protocol = *with;
	return differ;
}

static void commit_proxy(struct plan_step *st, struct service_diff *diff)
{
	struct service_proxy *sp = st->live;
	bool address = replace_text(&sp->address, service_words_address(st->wanted));
	bool upstream = replace_text(&sp->upstream, service_words_upstream(st->wanted));
	bool faults = replace_text(&sp->faults, sp->ops->describe(st->wanted->impairments));
	bool tls = replace_tls(sp, st);
	bool map = replace_map(sp, st);
	bool protocol = replace_protocol(sp, &st->wanted->protocol);
	bool timeout = sp->connect_timeout != st->wanted->connect_timeout;
	bool unreachable = sp->close_unreachable != st->wanted->close_unreachable;

	sp->connect_timeout = st->wanted->connect_timeout;
	sp->close_unreachable = st->wanted->close_unreachable;
	sp->moved = address || upstream || map;
	diff->added += st->added;
	if (st->added)
		return;
	diff->changed += sp->moved || faults || tls || protocol || timeout || unreachable;
	sp->ops->apply(sp->impairments, st->wanted->impairments, sp->mode == PROXY_FORWARD);
}

static void commit_step(struct service *s, struct plan_step *st, struct service_diff *diff)
{
	if (!st->wanted) {
		st->live->moved = false;
		return;
	}
	commit_proxy(st, diff);
	st->live->at_work = true;
	st->live->journal = s->env.journal;
	st->live->log = s->env.log;
	if (s->env.followed)
		st->live->alone =
		    service_words_alone(st->wanted, s->ops, engine_queues_packets(s->engine));
}

/* The engine has changed: nothing can fail any more. */
static void commit_plan(struct service *s, struct plan *pl, struct service_diff *diff)
{
	struct impairment_set *none = s->ops->create();

	engine_let_wait(s->engine, true);
	for (size_t i = 0; i < s->n; i++)
		s->proxy[i]->wanted = false;
	for (size_t i = 0; i < pl->n; i++)
		pl->step[i].live->wanted = true;
	for (size_t i = 0; i < s->n; i++) {
		if (s->proxy[i]->wanted)
			continue;
		diff->removed++;
		s->ops->apply(s->proxy[i]->impairments, none, s->proxy[i]->mode == PROXY_FORWARD);
	}
	s->ops->free(none);
	s->proxy = xrealloc(s->proxy, pl->n + 1, sizeof(struct service_proxy *));
	s->n = diff->proxies = pl->n;
	for (size_t i = 0; i < pl->n; i++) {
		commit_step(s, &pl->step[i], diff);
		s->proxy[i] = pl->step[i].live;
	}
	engine_let_wait(s->engine, false);
}

static int change_service(struct service *s, const struct config *wanted, bool listen,
			  struct service_diff *diff, struct err *e)
{
	size_t n = wanted->nkept + wanted->n + 1;
	struct plan pl = {.step = xcalloc(n, sizeof(struct plan_step)),
			  .wanted = xcalloc(n, sizeof(struct engine_wanted)),
			  .config = xcalloc(wanted->n + 1, sizeof(struct engine_proxy_config)),
			  .listen = listen};
	int rc;

	*diff = (struct service_diff){0};
	for (size_t i = 0; i < wanted->nkept; i++)
		plan_keep_proxy(&pl, s, wanted->kept[i]);
	for (size_t i = 0; i < wanted->n; i++)
		if (wanted->proxy[i].enabled)
			plan_add_proxy(&pl, s, &wanted->proxy[i]);
	if (pl.packets && !sock_may_mark())
		rc = plan_refuse_packets(s, &pl, e);
	else if (plan_load_tls(&pl, s, e) == -1)
		rc = -1;
	else
		rc = engine_change(s->engine, pl.wanted, pl.n, pl.packets, e);
	if (rc == 0)
		commit_plan(s, &pl, diff);
	for (size_t i = 0; i < pl.n && rc == -1; i++) {
		tls_unref(pl.step[i].tls);
		service_proxy_map_free(pl.step[i].map);
		if (pl.step[i].added)
			service_proxy_free(pl.step[i].live);
	}
	free(pl.step);
	free(pl.wanted);
	free(pl.config);
	return rc;
}

int service_apply(struct service *s, const struct config *wanted, struct service_diff *diff,
		  struct err *e)
{
	return change_service(s, wanted, true, diff, e);
}

int service_follow(struct service *s, const struct config *wanted, bool listen, struct err *e)
{
	struct service_diff diff;

	return change_service(s, wanted, listen, &diff, e);
}

void service_hand_over(struct service *s, struct engine_clients *clients)
{
	for (size_t i = 0; i < s->n; i++)
		s->ops->hand_over(s->proxy[i]->impairments);
	engine_hand_over(s->engine, clients);
}

bool service_proxy_info(const struct service *s, size_t i, struct service_proxy_info *out)
{
	const struct service_proxy *sp;

	if (i >= s->n)
		return false;
	sp = s->proxy[i];
	*out = (struct service_proxy_info){
	    .name = sp->name,
	    .mode = sp->mode,
	    .listen = sp->mode == PROXY_FORWARD ? NULL : engine_listen_addr(s->engine, i),
	    .intercept = sp->address,
	    .upstream = sp->upstream,
	    .mapped = sp->map->n,
	    .shared = sp->ops->shared(sp->impairments),
	    .alone = sp->alone,
	    .defer_backend = engine_defer_backend(s->engine, i),
	    .moved = sp->moved,
	};
	return true;
}

void service_count_impairments(const struct service *s, size_t i,
			       void (*fn)(void *arg, const struct impairment_count *c), void *arg)
{
	s->ops->count_each(s->proxy[i]->impairments, fn, arg);
}
