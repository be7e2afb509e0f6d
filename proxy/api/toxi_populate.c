/* toxi_populate.c - everything is read and checked before the first proxy is made. */
#include "proxy/api/toxi_populate.h"

#include "proxy/api/json_in.h"
#include "proxy/api/toxi_address.h"
#include "proxy/api/toxi_answer.h"
#include "proxy/api/toxi_proxies.h"
#include "proxy/api/toxi_toxics.h"
#include "proxy/base/mem.h"

#include <string.h>

/* What an array asks for. */
struct wishes {
	struct toxi_proxy **proxy;
	size_t n;
};

static void free_wishes(struct wishes *w)
{
	for (size_t i = 0; i < w->n; i++)
		toxi_proxy_free(w->proxy[i]);
	free(w->proxy);
}

static int refuse_body(const struct err *why, struct err *e)
{
	return err_set(e, "bad request body: %s", why->text);
}

static int read_wishes(const json_t *array, struct wishes *w, struct err *e)
{
	struct err why;

	if (json_in_array(array, "[]toxiproxy.Proxy", &why) == -1)
		return refuse_body(&why, e);
	w->proxy = xcalloc(json_array_size(array) + 1, sizeof(struct toxi_proxy *));
	for (size_t i = 0; i < json_array_size(array); i++) {
		struct toxi_proxy *p = toxi_proxies_read(json_array_get(array, i), &why);

		if (!p)
			return refuse_body(&why, e);
		w->proxy[w->n++] = p;
	}
	for (size_t i = 0; i < w->n; i++)
		if (!*w->proxy[i]->name || !*w->proxy[i]->upstream)
			return err_set(e, "missing required field: %s at proxy %zu",
				       *w->proxy[i]->name ? "upstream" : "name", i + 1);
	return 0;
}

/* An existing proxy at the same place is left as it is, with its toxics. */
static bool is_same(const struct toxi_proxy *now, const struct toxi_proxy *wish)
{
	char resolved[TOXI_ADDRESS_TEXT];

	return strcmp(now->listen, toxi_listen_resolved(wish->listen, resolved)) == 0 &&
	       strcmp(now->upstream, wish->upstream) == 0;
}

/* Fulfils wish i, which becomes t's or is freed. */
static int fulfil_wish(struct toxi *t, struct wishes *w, size_t i, struct err *e)
{
	struct toxi_proxy *wish = w->proxy[i];
	ssize_t k = toxi_model_find(&t->model, wish->name);
	char *name;
	int rc;

	w->proxy[i] = NULL;
	if (k >= 0 && is_same(t->model.proxy[k], wish)) {
		toxi_proxy_free(wish);
		return 0;
	}
	if (k < 0)
		return toxi_proxies_put(t, t->model.n, wish, e);
	name = xstrdup(wish->name);
	wish->base = t->model.proxy[k]->base;
	toxi_hang_up(t, name);
	rc = toxi_proxies_put(t, (size_t)k, wish, e);
	toxi_hang_up(t, name);
	free(name);
	return rc;
}

static bool are_all_new(const struct toxi *t, const struct wishes *w)
{
	for (size_t i = 0; i < w->n; i++) {
		if (toxi_model_find(&t->model, w->proxy[i]->name) >= 0)
			return false;
		for (size_t k = 0; k < i; k++)
			if (strcmp(w->proxy[k]->name, w->proxy[i]->name) == 0)
				return false;
	}
	return true;
}

/* New ones come all at once: a change takes as long as there are proxies. Where that fails, they
 * come one by one up to the one whose fault it is. */
static bool fulfil_together(struct toxi *t, struct wishes *w)
{
	struct err e;

	if (!are_all_new(t, w) || toxi_add_all(t, w->proxy, w->n, &e) == -1)
		return false;
	for (size_t i = 0; i < w->n; i++)
		w->proxy[i] = NULL;
	return true;
}

void toxi_populate(struct toxi *t, const struct http_request *r, struct http_answer *a)
{
	const struct toxi_proxy **done;
	char **name;
	struct wishes w = {0};
	struct err e, why;
	json_t *json = json_in_parse(r->body, r->len, &why);
	int rc = json ? read_wishes(json, &w, &e) : refuse_body(&why, &e);
	int status = rc == 0 ? 201 : 400;
	size_t n = 0;

	json_decref(json);
	done = xcalloc(w.n + 1, sizeof(const struct toxi_proxy *));
	name = xcalloc(w.n + 1, sizeof(char *));
	for (size_t i = 0; i < w.n; i++)
		name[i] = xstrdup(w.proxy[i]->name);
	if (rc == 0 && fulfil_together(t, &w))
		n = w.n;
	for (size_t i = n; rc == 0 && i < w.n; i++) {
		rc = fulfil_wish(t, &w, i, &e);
		if (rc == -1)
			status = 500;
		else
			n++;
	}
	for (size_t i = 0; i < n; i++)
		done[i] = t->model.proxy[toxi_model_find(&t->model, name[i])];
	toxi_answer_populated(a, status, rc == -1 ? e.text : NULL, done, n);
	for (size_t i = 0; i < w.n; i++)
		free(name[i]);
	free(name);
	free(done);
	free_wishes(&w);
}

static int read_toxics(const json_t *object, struct toxi_proxy *p, struct err *e)
{
	const json_t *list = json_in_member(object, "toxics");

	if (list && json_in_array(list, "toxics", e) == -1)
		return -1;
	for (size_t i = 0; list && i < json_array_size(list); i++)
		if (toxi_toxics_read(json_array_get(list, i), p, e))
			return err_wrap(e, "proxy '%s', toxic %zu", p->name, i + 1);
	return 0;
}

int toxi_populate_file(struct toxi *t, const char *path, struct err *e)
{
	struct wishes w = {0};
	json_error_t je;
	json_t *json = json_load_file(path, 0, &je);
	int rc = json ? read_wishes(json, &w, e)
		      : err_set(e, "line %d: %s", je.line > 0 ? je.line : 1, je.text);

	for (size_t i = 0; rc == 0 && i < w.n; i++)
		rc = read_toxics(json_array_get(json, i), w.proxy[i], e);
	for (size_t i = 0; rc == 0 && i < w.n; i++)
		rc = fulfil_wish(t, &w, i, e);
	json_decref(json);
	free_wishes(&w);
	return rc == -1 ? err_wrap(e, "%s", path) : 0;
}
