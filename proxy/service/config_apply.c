/* config_apply.c - brings a running engine and the impairments of its proxies to what a
 * configuration says: the engine first, since only that can fail, then the impairments. */
#include "proxy/service/config_apply.h"

#include "proxy/base/mem.h"
#include "proxy/engine/engine_change.h"
#include "proxy/stream/tls/tls.h"
#include "proxy/stream/tls/tls_state.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Lives until the engine releases its proxy: open sessions meet its impairments. */
struct service_proxy {
	char *name, *address, *upstream, *faults; /* as given; faults: described */
	enum proxy_mode mode;
	const struct impairments_ops *ops;
	struct impairment_set *impairments;
	struct tls_config tls_config;
	struct config_protocol protocol;
	struct tls *tls; /* NULL: it passes through */
	struct upstream_map *map;
	bool moved;
};

struct service {
	struct engine *engine;
	const struct impairments_ops *ops;
	struct service_proxy **proxy;
	size_t n;
	int secrets; /* TLS's are copied there; -1: nowhere */
};

/* One proxy of a change. */
struct step {
	const struct config_proxy *wanted;
	struct service_proxy *live;
	struct tls *tls;
	struct upstream_map *map;
	bool added;
};

struct plan {
	struct step *step;
	struct engine_proxy_config *config;
	size_t n;
	bool packets;
};

struct service *service_new(struct loop *loop, struct journal *journal, const struct log *log,
			    uint64_t seed, const struct impairments_ops *ops, struct err *e)
{
	const struct engine_config ec = {.journal = journal, .log = log, .seed = seed};
	struct service *r = xcalloc(1, sizeof(*r));

	r->secrets = -1;
	r->ops = ops;
	r->engine = engine_new(loop, &ec, e);
	if (r->engine)
		return r;
	free(r);
	return NULL;
}

void service_free(struct service *r)
{
	if (!r)
		return;
	engine_free(r->engine, NULL);
	free(r->proxy);
	free(r);
}

void service_copy_secrets(struct service *r, int fd)
{
	r->secrets = fd;
}

struct engine *service_engine(struct service *r)
{
	return r->engine;
}

static struct upstream_map *map_new(const struct upstream_map *like)
{
	struct upstream_map *m = xcalloc(1, sizeof(*m));

	*m = upstream_map_copy(like);
	return m;
}

static void map_free(struct upstream_map *m)
{
	if (m)
		upstream_map_free(m);
	free(m);
}

static void live_free(void *arg)
{
	struct service_proxy *lp = arg;

	lp->ops->free(lp->impairments);
	tls_unref(lp->tls);
	map_free(lp->map);
	param_free(tls_params, &lp->tls_config);
	free(lp->name);
	free(lp->address);
	free(lp->upstream);
	free(lp->faults);
	free(lp);
}

static struct service_proxy *find_live(const struct service *r, const struct config_proxy *cp)
{
	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->proxy[i]->name, cp->name) == 0 &&
		    r->proxy[i]->mode == (enum proxy_mode)cp->mode)
			return r->proxy[i];
	return NULL;
}

static struct service_proxy *live_new(const struct impairments_ops *ops,
				      const struct config_proxy *cp)
{
	struct service_proxy *lp = xcalloc(1, sizeof(*lp));

	lp->name = xstrdup(cp->name);
	lp->mode = (enum proxy_mode)cp->mode;
	lp->ops = ops;
	lp->impairments = ops->copy(cp->impairments);
	param_defaults(tls_params, &lp->tls_config);
	return lp;
}

static void plan_add(struct plan *pl, const struct service *r, const struct config_proxy *cp)
{
	struct step *st = &pl->step[pl->n];
	struct engine_proxy_config *pc = &pl->config[pl->n++];

	st->wanted = cp;
	st->live = find_live(r, cp);
	st->added = !st->live;
	if (st->added)
		st->live = live_new(r->ops, cp);
	st->map = map_new(&cp->map);
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
					   .released = live_free,
					   .released_arg = st->live};
	r->ops->give_hooks(st->live->impairments, cp->impairments, pc);
	pc->session_config.proxy_protocol_out = (enum proxy_protocol_version)cp->protocol.out;
	pl->packets |= cp->mode == PROXY_FORWARD || r->ops->needs_packets(cp->impairments);
}

/* Its files are read again at each change: a certificate may have been renewed. Open sessions keep
 * what they began with. */
static int plan_tls(struct plan *pl, int secrets, struct err *e)
{
	for (size_t i = 0; i < pl->n; i++) {
		struct step *st = &pl->step[i];

		if (st->wanted->tls.mode == TLS_PASSTHROUGH)
			continue;
		st->tls = tls_new(&st->wanted->tls, e);
		if (!st->tls) {
			err_wrap(e, "tls");
			return pl->n > 1 ? err_wrap(e, "proxy '%s'", st->wanted->name) : -1;
		}
		tls_copy_secrets(st->tls, secrets);
		pl->config[i].session_config.tls = st->tls;
	}
	return 0;
}

/* Tried, not asked for: a capability may be there and not suffice. */
static bool may_mark(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), mark = 0;
	bool may = true;

	if (fd == -1)
		return true;
	if (setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)) == -1)
		may = errno != EPERM;
	close(fd);
	return may;
}

static int refuse_packets(const struct service *r, const struct plan *pl, struct err *e)
{
	for (size_t i = 0; i < pl->n; i++) {
		const struct config_proxy *cp = pl->step[i].wanted;
		const char *needs = r->ops->needs_packets(cp->impairments);

		if (!needs && cp->mode != PROXY_FORWARD)
			continue;
		err_set(e,
			"%s acts on packets, which needs CAP_NET_ADMIN and CAP_NET_RAW in the "
			"network namespace; impairments of the stream plane work without",
			needs ? needs : "mode forward");
		return pl->n > 1 ? err_wrap(e, "proxy '%s'", cp->name) : -1;
	}
	return 0;
}

static char *address_of(const struct config_proxy *cp)
{
	char text[ADDR_TEXT];

	if (cp->mode == PROXY_TRANSPARENT || cp->mode == PROXY_REDIRECT)
		return intercept_match_text(&cp->intercept);
	if (cp->mode == PROXY_FORWARD && addr_port(&cp->server) == 0)
		return xstrdup(addr_format_host(&cp->server, text));
	return xstrdup(addr_format(cp->mode == PROXY_FORWARD ? &cp->server : &cp->listen, text));
}

static char *upstream_of(const struct config_proxy *cp)
{
	const char *host = cp->upstream.host;

	if (cp->mode == PROXY_FORWARD)
		return address_of(cp);
	if (cp->mode == PROXY_TRANSPARENT)
		return xstrdup(cp->own_address ? "wedge's own address" : "the client's address");
	if (cp->mode == PROXY_REDIRECT)
		return xstrdup("");
	return xasprintf(strchr(host, ':') ? "[%s]:%u" : "%s:%u", host, cp->upstream.port);
}

/* Puts a text in the place of another; true: they differ. */
static bool replace(char **text, char *with)
{
	bool differ = !*text || strcmp(*text, with) != 0;

	free(*text);
	*text = with;
	return differ;
}

/* true: it differs. */
static bool replace_tls(struct service_proxy *lp, struct step *st)
{
	bool differ = !param_equal(tls_params, &lp->tls_config, &st->wanted->tls);

	tls_unref(lp->tls);
	lp->tls = st->tls;
	st->tls = NULL;
	param_free(tls_params, &lp->tls_config);
	param_copy(tls_params, &lp->tls_config, &st->wanted->tls, sizeof(lp->tls_config));
	return differ;
}

/* true: it differs. The engine uses the new one already. */
static bool replace_map(struct service_proxy *lp, struct step *st)
{
	bool differ = !lp->map || !upstream_map_equal(lp->map, st->map);

	map_free(lp->map);
	lp->map = st->map;
	st->map = NULL;
	return differ;
}

/* true: it differs. */
static bool replace_protocol(struct service_proxy *lp, const struct config_protocol *with)
{
	bool differ = !param_equal(config_protocol_params, &lp->protocol, with);

	lp->protocol = *with;
	return differ;
}

static void step_commit(struct step *st, struct config_diff *diff)
{
	struct service_proxy *lp = st->live;
	bool address = replace(&lp->address, address_of(st->wanted));
	bool upstream = replace(&lp->upstream, upstream_of(st->wanted));
	bool faults = replace(&lp->faults, lp->ops->describe(st->wanted->impairments));
	bool tls = replace_tls(lp, st);
	bool map = replace_map(lp, st);
	bool protocol = replace_protocol(lp, &st->wanted->protocol);

	lp->moved = address || upstream || map;
	diff->added += st->added;
	if (st->added)
		return;
	diff->changed += lp->moved || faults || tls || protocol;
	lp->ops->apply(lp->impairments, st->wanted->impairments, lp->mode == PROXY_FORWARD);
}

static bool goes_on(const struct plan *pl, const struct service_proxy *lp)
{
	for (size_t i = 0; i < pl->n; i++)
		if (pl->step[i].live == lp)
			return true;
	return false;
}

/* The engine has changed: nothing can fail any more. */
static void commit(struct service *r, struct plan *pl, struct config_diff *diff)
{
	struct impairment_set *none = r->ops->new ();

	engine_let_wait(r->engine, true);
	for (size_t i = 0; i < r->n; i++) {
		if (goes_on(pl, r->proxy[i]))
			continue;
		diff->removed++;
		r->ops->apply(r->proxy[i]->impairments, none, r->proxy[i]->mode == PROXY_FORWARD);
	}
	r->ops->free(none);
	r->proxy = xrealloc(r->proxy, pl->n + 1, sizeof(struct service_proxy *));
	r->n = diff->proxies = pl->n;
	for (size_t i = 0; i < pl->n; i++) {
		step_commit(&pl->step[i], diff);
		r->proxy[i] = pl->step[i].live;
	}
	engine_let_wait(r->engine, false);
}

int config_apply(struct service *r, const struct config *wanted, struct config_diff *diff,
		 struct err *e)
{
	struct plan pl = {.step = xcalloc(wanted->n + 1, sizeof(struct step)),
			  .config = xcalloc(wanted->n + 1, sizeof(struct engine_proxy_config))};
	int rc;

	*diff = (struct config_diff){0};
	for (size_t i = 0; i < wanted->n; i++)
		if (wanted->proxy[i].enabled)
			plan_add(&pl, r, &wanted->proxy[i]);
	if (pl.packets && !may_mark())
		rc = refuse_packets(r, &pl, e);
	else if (plan_tls(&pl, r->secrets, e) == -1)
		rc = -1;
	else
		rc = engine_change(r->engine, pl.config, pl.n, pl.packets, e);
	if (rc == 0)
		commit(r, &pl, diff);
	for (size_t i = 0; i < pl.n && rc == -1; i++) {
		tls_unref(pl.step[i].tls);
		map_free(pl.step[i].map);
		if (pl.step[i].added)
			live_free(pl.step[i].live);
	}
	free(pl.step);
	free(pl.config);
	return rc;
}

bool service_proxy_info(const struct service *r, size_t i, struct service_proxy_info *out)
{
	const struct service_proxy *lp;

	if (i >= r->n)
		return false;
	lp = r->proxy[i];
	*out = (struct service_proxy_info){
	    .name = lp->name,
	    .mode = lp->mode,
	    .listen = lp->mode == PROXY_FORWARD ? NULL : engine_listen_addr(r->engine, i),
	    .intercept = lp->address,
	    .upstream = lp->upstream,
	    .mapped = lp->map->n,
	    .shared = lp->ops->shared(lp->impairments),
	    .defer_backend = engine_defer_backend(r->engine, i),
	    .moved = lp->moved,
	};
	return true;
}
