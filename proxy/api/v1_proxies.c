/* v1_proxies.c - what runs is asked of the service, the rest of the configuration and the model. */
#include "proxy/api/v1_proxies.h"

#include "proxy/api/toxi_proxies.h"
#include "proxy/api/v1_impairments.h"
#include "proxy/api/v1_problem.h"
#include "proxy/config/config_load.h"

#include <string.h>

/* A proxy's impairments by their places: its configuration's, then the toxics, then what is put
 * behind both. */
struct impairments_list {
	json_t *list;
	size_t configured, toxics;
};

static void add_impairment(void *arg, const struct impairment_count *c)
{
	struct impairments_list *l = arg;
	size_t place = json_array_size(l->list);
	enum v1_origin origin = place < l->configured		    ? V1_OF_PROXY
				: place < l->configured + l->toxics ? V1_OF_TOXIC
								    : V1_OF_ADDITION;

	json_array_append_new(l->list, v1_impairments_describe(c, origin));
}

static size_t count_toxics(const struct toxi_proxy *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		char *text = toxi_toxic_impairment(&p->toxic[i]);

		n += text != NULL;
		free(text);
	}
	return n;
}

/* The number of a proxy at work, or -1. */
static ssize_t find_running(const struct toxi *t, const char *name, enum proxy_mode mode,
			    struct service_proxy_info *info)
{
	for (size_t i = 0; service_proxy_info(t->host->service, i, info); i++)
		if (strcmp(info->name, name) == 0 && info->mode == mode)
			return (ssize_t)i;
	return -1;
}

/* cp: what the configuration says of it; p: what Toxiproxy's clients see of it. One may be NULL. */
static json_t *describe_proxy(const struct toxi *t, const struct config_proxy *cp,
			      const struct toxi_proxy *p)
{
	enum proxy_mode mode = cp ? (enum proxy_mode)cp->mode : PROXY_EXPLICIT;
	const char *name = cp && !p ? cp->name : p->name;
	const struct impairments_ops *ops = t->base.impairments_ops;
	struct impairments_list l = {.list = json_array(),
				     .configured = cp ? ops->count(cp->impairments) : 0,
				     .toxics = p ? count_toxics(p) : 0};
	json_t *o;
	struct service_proxy_info info;
	ssize_t i = find_running(t, name, mode, &info);
	char listen[ADDR_TEXT];

	if (i >= 0)
		service_count_impairments(t->host->service, (size_t)i, add_impairment, &l);
	else if (cp)
		ops->count_each(cp->impairments, add_impairment, &l);
	o = json_pack("{s:s, s:s, s:b, s:o}", "name", name, "mode", config_mode_names[mode],
		      "enabled", i >= 0, "impairments", l.list);
	if (i >= 0 && info.listen)
		json_object_set_new(o, "listen", json_string(addr_format(info.listen, listen)));
	else if (p)
		json_object_set_new(o, "listen", json_string(p->listen));
	if (i >= 0 && info.intercept && (mode == PROXY_TRANSPARENT || mode == PROXY_REDIRECT))
		json_object_set_new(o, "takes", json_string(info.intercept));
	if (mode == PROXY_FORWARD)
		json_object_set_new(o, "server", json_string(cp->server_text));
	else if (p)
		json_object_set_new(o, "upstream", json_string(p->upstream));
	return o;
}

static const struct config_proxy *config_of(const struct toxi *t, const struct toxi_proxy *p)
{
	return p->base ? &t->base.proxy[p->base - 1] : NULL;
}

void v1_proxies_list(const struct toxi *t, struct http_answer *a)
{
	json_t *list = json_array();

	for (size_t i = 0; i < t->base.n; i++)
		if (t->base.proxy[i].mode != PROXY_EXPLICIT)
			json_array_append_new(list, describe_proxy(t, &t->base.proxy[i], NULL));
	for (size_t i = 0; i < t->model.n; i++)
		json_array_append_new(
		    list, describe_proxy(t, config_of(t, t->model.proxy[i]), t->model.proxy[i]));
	v1_json(a, 200, json_pack("{s:o}", "proxies", list));
}

static const struct config_proxy *find_hidden(const struct toxi *t, const char *name)
{
	for (size_t i = 0; i < t->base.n; i++)
		if (t->base.proxy[i].mode != PROXY_EXPLICIT &&
		    strcmp(t->base.proxy[i].name, name) == 0)
			return &t->base.proxy[i];
	return NULL;
}

static void show_proxy(const struct toxi *t, const char *name, int status, struct http_answer *a)
{
	const struct config_proxy *hidden = find_hidden(t, name);
	ssize_t k = toxi_model_find(&t->model, name);
	const struct toxi_proxy *p = k >= 0 ? t->model.proxy[k] : NULL;

	if (p)
		v1_json(a, status, describe_proxy(t, config_of(t, p), p));
	else if (hidden)
		v1_json(a, status, describe_proxy(t, hidden, NULL));
	else
		v1_problem(a, 404, "there is no proxy of that name");
}

void v1_proxies_show(const struct toxi *t, const char *name, struct http_answer *a)
{
	show_proxy(t, name, 200, a);
}

/* Whoever may run programs on this host can speak with an API on its loopback address: without a
 * token wedge does nothing for him that he couldn't do himself. */
static const char *needs_token(const struct config_proxy *cp)
{
	if (cp->mode != PROXY_EXPLICIT)
		return "a mode other than explicit takes others' connections: it needs an API with "
		       "--api-token";
	if (cp->tls.mode != TLS_PASSTHROUGH)
		return "tls reads and writes files as wedge: it needs an API with --api-token";
	return NULL;
}

static void define_proxy(struct toxi *t, const struct config *one, bool trusted, bool known,
			 struct http_answer *a)
{
	const char *why = trusted ? NULL : needs_token(&one->proxy[0]);
	struct err e;

	if (why)
		v1_problem(a, 403, why);
	else if (toxi_define(t, one, &e) == -1)
		v1_problem(a, 409, e.text);
	else
		show_proxy(t, one->proxy[0].name, known ? 200 : 201, a);
}

void v1_proxies_put(struct toxi *t, const char *name, bool trusted, const struct http_request *r,
		    struct http_answer *a)
{
	bool known = toxi_model_find(&t->model, name) >= 0 || find_hidden(t, name);
	struct config one;
	struct err e;

	config_init(&one, t->base.impairments_ops);
	if (config_load_proxy(&one, V1_BODY, r->body, r->len, &e) == -1) {
		if (!trusted)
			v1_impairments_hide_file(&e);
		v1_problem_of_body(a, e.text);
	} else if (strcmp(one.proxy[0].name, name) != 0) {
		v1_problem(a, 400, "the body's name isn't the one of the path");
	} else {
		define_proxy(t, &one, trusted, known, a);
	}
	config_fini(&one);
}

static int remove_proxy(struct toxi *t, const char *name, struct err *e)
{
	ssize_t k = toxi_model_find(&t->model, name);
	const struct config_proxy *hidden = find_hidden(t, name);

	if (k >= 0 && !t->model.proxy[k]->base)
		return toxi_change(t, (size_t)k, NULL, e);
	if (k >= 0)
		return toxi_undefine(t, t->model.proxy[k]->base - 1, e);
	return toxi_undefine(t, (size_t)(hidden - t->base.proxy), e);
}

void v1_proxies_delete(struct toxi *t, const char *name, struct http_answer *a)
{
	struct err e;

	if (toxi_model_find(&t->model, name) < 0 && !find_hidden(t, name))
		v1_problem(a, 404, "there is no proxy of that name");
	else if (remove_proxy(t, name, &e) == -1)
		v1_problem(a, 409, e.text);
	else
		a->status = 204;
}
