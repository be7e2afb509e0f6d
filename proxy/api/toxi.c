/* toxi.c - the whole configuration is made anew for each change, and service_apply finds what
 * differs: one way for a file, a command line and a client. */
#include "proxy/api/toxi.h"

#include "proxy/api/toxi_address.h"
#include "proxy/api/toxi_wanted.h"
#include "proxy/base/mem.h"
#include "proxy/config/config_copy.h"
#include "proxy/engine/engine_close.h"
#include "proxy/engine/engine_sessions.h"

#include <string.h>

/* Where a configuration lets the kernel choose the port, one that it has chosen stays. */
static void keep_port(struct toxi_proxy *p, const struct addr *written,
		      const struct toxi_proxy *old)
{
	struct addr a;

	if (addr_port(written) || !old->base || !old->bound ||
	    addr_parse(old->listen, &a, NULL) == -1 || !addr_equal_host(&a, written))
		return;
	free(p->listen);
	p->listen = xstrdup(old->listen);
	p->bound = true;
}

/* Proxy i of a configuration as clients see it, with the toxics that it had in another model. */
static struct toxi_proxy *show_proxy(const struct config *base, size_t i,
				     const struct toxi_model *before)
{
	const struct config_proxy *cp = &base->proxy[i];
	ssize_t old = toxi_model_find(before, cp->name);
	char listen[ADDR_TEXT], *upstream = toxi_upstream_text(&cp->upstream);
	struct toxi_proxy *p = toxi_proxy_new(cp->name, addr_format(&cp->listen, listen), upstream);

	free(upstream);
	p->enabled = cp->enabled;
	p->exact = true;
	p->base = i + 1;
	if (old != -1)
		keep_port(p, &cp->listen, before->proxy[old]);
	for (size_t k = 0; old != -1 && k < before->proxy[old]->n; k++) {
		struct toxi_toxic t;

		toxi_toxic_copy(&t, &before->proxy[old]->toxic[k]);
		toxi_proxy_add(p, &t);
	}
	return p;
}

static struct toxi_model show_base(const struct config *base, const struct toxi_model *before)
{
	struct toxi_model m = {0};

	for (size_t i = 0; i < base->n; i++)
		if (toxi_is_shown(&base->proxy[i]))
			toxi_model_add(&m, show_proxy(base, i, before));
	return m;
}

/* Takes note of what is at work now, and of the addresses that were bound. The files of TLS are
 * read again at each change, and additions go with their sessions. */
static void learn_addresses(const struct toxi *t, const struct toxi_wanted *w)
{
	struct service_proxy_info info;
	char text[ADDR_TEXT];

	for (size_t i = 0; i < w->config.n; i++) {
		struct toxi_proxy *p = w->of[i];

		if (p)
			p->applied = w->config.proxy[i].tls.mode == TLS_PASSTHROUGH && !p->added_to;
		if (!p || p->bound ||
		    !service_proxy_info(t->host->service, w->config.nkept + i, &info))
			continue;
		free(p->listen);
		p->listen = xstrdup(addr_format(info.listen, text));
		p->bound = p->exact = true;
	}
}

static bool is_of_open_session(const void *engine, const struct addition *a)
{
	struct engine_session s;

	return a->n && (!a->session || engine_find_session(engine, a->session, &s));
}

static bool is_of_model(const void *model, const struct addition *a)
{
	return a->session || toxi_model_find(model, a->proxy) >= 0;
}

static int apply_model(struct toxi *t, const struct config *base, const struct toxi_model *m,
		       struct service_diff *diff, struct err *e)
{
	struct toxi_wanted w;
	int rc;

	additions_prune(&t->additions, is_of_open_session, service_engine(t->host->service));
	rc = toxi_wanted_make(&w, &t->additions, base, m, e);
	if (rc == 0)
		rc = t->host->apply(t->host, &w.config, diff, e);
	if (rc == 0) {
		learn_addresses(t, &w);
		additions_prune(&t->additions, is_of_model, m);
	}
	toxi_wanted_fini(&w);
	return rc;
}

static void copy_base(struct config *to, const struct config *from)
{
	config_copy_top(to, from);
	for (size_t i = 0; i < from->n; i++)
		config_add_copy(to, &from->proxy[i]);
}

void toxi_init(struct toxi *t, struct control_host *h, const struct config *base)
{
	struct service_proxy_info info;
	char text[ADDR_TEXT];
	ssize_t k;

	*t = (struct toxi){.host = h};
	copy_base(&t->base, base);
	t->model = show_base(&t->base, &t->model);
	for (size_t i = 0; service_proxy_info(h->service, i, &info); i++) {
		k = info.mode == PROXY_EXPLICIT ? toxi_model_find(&t->model, info.name) : -1;
		if (k == -1)
			continue;
		free(t->model.proxy[k]->listen);
		t->model.proxy[k]->listen = xstrdup(addr_format(info.listen, text));
		t->model.proxy[k]->bound = t->model.proxy[k]->exact = true;
	}
}

void toxi_fini(struct toxi *t)
{
	toxi_model_fini(&t->model);
	additions_fini(&t->additions);
	config_fini(&t->base);
}

static struct toxi_proxy *exchange_proxy(struct toxi_model *m, size_t i, struct toxi_proxy *p)
{
	if (p && i == m->n)
		toxi_model_add(m, p);
	else if (p)
		return toxi_model_swap(m, i, p);
	else
		return toxi_model_take(m, i);
	return NULL;
}

int toxi_change(struct toxi *t, size_t i, struct toxi_proxy *p, struct err *e)
{
	struct toxi_proxy *old = exchange_proxy(&t->model, i, p);
	struct service_diff diff;
	int rc = apply_model(t, &t->base, &t->model, &diff, e);

	if (rc == 0)
		toxi_proxy_free(old);
	else if (old && p)
		toxi_proxy_free(toxi_model_swap(&t->model, i, old));
	else if (old)
		toxi_model_put(&t->model, i, old);
	else
		toxi_proxy_free(toxi_model_take(&t->model, i));
	return rc;
}

/* The model and next change places, each way. */
static void exchange_all(struct toxi_model *m, struct toxi_proxy **next)
{
	for (size_t i = 0; i < m->n; i++)
		if (next[i])
			next[i] = toxi_model_swap(m, i, next[i]);
}

int toxi_change_all(struct toxi *t, struct toxi_proxy **next, struct err *e)
{
	struct service_diff diff;
	int rc;

	exchange_all(&t->model, next);
	rc = apply_model(t, &t->base, &t->model, &diff, e);
	if (rc == -1)
		exchange_all(&t->model, next);
	for (size_t i = 0; i < t->model.n; i++)
		toxi_proxy_free(next[i]);
	return rc;
}

int toxi_add_all(struct toxi *t, struct toxi_proxy *const *p, size_t n, struct err *e)
{
	struct service_diff diff;

	for (size_t i = 0; i < n; i++)
		toxi_model_add(&t->model, p[i]);
	if (apply_model(t, &t->base, &t->model, &diff, e) == 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		toxi_model_take(&t->model, t->model.n - 1);
	return -1;
}

/* Exchanges base and model for those of a change when they run; m becomes t's, or is freed. */
static int exchange_base(struct toxi *t, const struct config *base, struct toxi_model *m,
			 struct service_diff *diff, struct err *e)
{
	if (apply_model(t, base, m, diff, e) == -1) {
		toxi_model_fini(m);
		return -1;
	}
	toxi_model_fini(&t->model);
	t->model = *m;
	config_fini(&t->base);
	copy_base(&t->base, base);
	return 0;
}

static ssize_t find_defined(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->proxy[i].name, name) == 0)
			return (ssize_t)i;
	return -1;
}

/* The proxies that clients have made by either API, whose names must not be those of a
 * configuration that comes. */
static int check_names(const struct toxi *t, const struct config *base, struct err *e)
{
	for (size_t i = 0; i < base->n; i++) {
		const char *name = base->proxy[i].name;
		ssize_t own = find_defined(&t->base, name), k = toxi_model_find(&t->model, name);

		if (own >= (ssize_t)(t->base.n - t->own) || (k >= 0 && !t->model.proxy[k]->base))
			return err_set(
			    e, "proxy '%s': a client of the API has made one of that name", name);
	}
	return 0;
}

int toxi_reload(struct toxi *t, const struct config *base, struct service_diff *diff, struct err *e)
{
	struct toxi_model m;
	struct config next;
	int rc;

	if (check_names(t, base, e) == -1)
		return -1;
	copy_base(&next, base);
	for (size_t i = t->base.n - t->own; i < t->base.n; i++)
		config_add_copy(&next, &t->base.proxy[i]);
	m = show_base(&next, &t->model);
	for (size_t i = 0; i < t->model.n; i++)
		if (!t->model.proxy[i]->base)
			toxi_model_add(&m, toxi_proxy_copy(t->model.proxy[i]));
	rc = exchange_base(t, &next, &m, diff, e);
	config_fini(&next);
	return rc;
}

/* A copy of the model in which the proxies of the configuration behind number gone have moved up by
 * one, and gone itself isn't; SIZE_MAX: none is gone. */
static struct toxi_model copy_model(const struct toxi_model *from, size_t gone)
{
	struct toxi_model m = {0};

	for (size_t i = 0; i < from->n; i++) {
		size_t base = from->proxy[i]->base;
		struct toxi_proxy *p;

		if (base && base - 1 == gone)
			continue;
		p = toxi_proxy_copy(from->proxy[i]);
		if (base && base - 1 > gone)
			p->base--;
		toxi_model_add(&m, p);
	}
	return m;
}

/* Shows proxy i of a configuration in the place of what the model has of that name. */
static void show_again(struct toxi_model *m, const struct config *base, size_t i)
{
	ssize_t k = toxi_model_find(m, base->proxy[i].name);
	struct toxi_proxy *p = toxi_is_shown(&base->proxy[i]) ? show_proxy(base, i, m) : NULL;

	if (k >= 0 && p)
		toxi_proxy_free(toxi_model_swap(m, (size_t)k, p));
	else if (k >= 0)
		toxi_proxy_free(toxi_model_take(m, (size_t)k));
	else if (p)
		toxi_model_add(m, p);
}

int toxi_define(struct toxi *t, const struct config *one, struct err *e)
{
	const struct config_proxy *wanted = &one->proxy[0];
	ssize_t k = find_defined(&t->base, wanted->name);
	ssize_t shown = toxi_model_find(&t->model, wanted->name);
	struct service_diff diff;
	struct toxi_model m;
	struct config next;
	int rc;

	if (shown >= 0 && !t->model.proxy[shown]->base)
		return err_set(e, "a client of Toxiproxy's API has made a proxy '%s'",
			       wanted->name);
	config_copy_top(&next, &t->base);
	for (size_t i = 0; i < t->base.n; i++)
		config_add_copy(&next, k == (ssize_t)i ? wanted : &t->base.proxy[i]);
	if (k == -1)
		config_add_copy(&next, wanted);
	m = copy_model(&t->model, SIZE_MAX);
	show_again(&m, &next, k == -1 ? next.n - 1 : (size_t)k);
	rc = exchange_base(t, &next, &m, &diff, e);
	t->own += rc == 0 && k == -1;
	config_fini(&next);
	return rc;
}

int toxi_undefine(struct toxi *t, size_t i, struct err *e)
{
	bool own = i >= t->base.n - t->own;
	struct service_diff diff;
	struct toxi_model m;
	struct config next;
	int rc;

	config_copy_top(&next, &t->base);
	for (size_t k = 0; k < t->base.n; k++)
		if (k != i)
			config_add_copy(&next, &t->base.proxy[k]);
	m = copy_model(&t->model, i);
	rc = exchange_base(t, &next, &m, &diff, e);
	t->own -= rc == 0 && own;
	config_fini(&next);
	return rc;
}

int toxi_exchange_additions(struct toxi *t, struct additions *next, struct err *e)
{
	struct additions before = t->additions;
	struct service_diff diff;
	int rc;

	t->additions = *next;
	for (size_t i = 0; i < t->model.n; i++)
		t->model.proxy[i]->applied = false;
	rc = apply_model(t, &t->base, &t->model, &diff, e);
	additions_fini(rc == 0 ? &before : &t->additions);
	if (rc == -1)
		t->additions = before;
	return rc;
}

void toxi_hang_up(struct toxi *t, const char *name)
{
	engine_close_sessions(service_engine(t->host->service), name, PROXY_EXPLICIT);
}
