/* toxi_proxies.c - a proxy whose addresses change is stopped first, with all its connections, as
 * Toxiproxy does it. */
#include "proxy/api/toxi_proxies.h"

#include "proxy/api/json_in.h"
#include "proxy/api/toxi_address.h"
#include "proxy/api/toxi_answer.h"
#include "proxy/base/mem.h"

#include <ctype.h>
#include <string.h>

struct toxi_proxy *toxi_proxies_find(struct toxi *t, const char *name, struct http_answer *a)
{
	ssize_t i = toxi_model_find(&t->model, name);

	if (i >= 0)
		return t->model.proxy[i];
	toxi_answer_error(a, 404, "proxy not found");
	return NULL;
}

/* Puts what an object says of a proxy into p. */
static int read_members(const json_t *object, struct toxi_proxy *p, bool named, struct err *e)
{
	static const struct json_place name = {"Proxy", "name"}, listen = {"Proxy", "listen"},
				       upstream = {"Proxy", "upstream"},
				       enabled = {"Proxy", "enabled"};
	char *ignored = NULL;
	int rc;

	if (json_in_object(object, "toxiproxy.Proxy", e) == -1)
		return -1;
	rc = json_in_text(object, &name, named ? &p->name : &ignored, e);
	free(ignored);
	if (rc == -1 || json_in_text(object, &listen, &p->listen, e) == -1 ||
	    json_in_text(object, &upstream, &p->upstream, e) == -1)
		return -1;
	return json_in_bool(object, &enabled, &p->enabled, e);
}

struct toxi_proxy *toxi_proxies_read(const json_t *object, struct err *e)
{
	struct toxi_proxy *p = toxi_proxy_new("", "", "");

	p->enabled = true;
	if (read_members(object, p, true, e) == 0)
		return p;
	toxi_proxy_free(p);
	return NULL;
}

/* The words of Go for a failure to listen: the reason is behind the last colon. */
static int say_as_go(const char *listen, struct err *e)
{
	char resolved[TOXI_ADDRESS_TEXT], why[sizeof(e->text)];
	const char *colon = strrchr(e->text, ':');

	toxi_listen_resolved(listen, resolved);
	snprintf(why, sizeof(why), "%s", colon ? colon + 2 : e->text);
	why[0] = (char)tolower((unsigned char)why[0]);
	if (!strstr(e->text, "can't listen"))
		return -1;
	return err_set(e, "listen tcp %s: bind: %s", resolved, why);
}

int toxi_proxies_put(struct toxi *t, size_t i, struct toxi_proxy *p, struct err *e)
{
	struct addr a;
	char *listen;
	int rc;

	if (p->enabled && toxi_listen_parse(p->listen, &a, e) == -1) {
		toxi_proxy_free(p);
		return err_wrap(e, "listen tcp");
	}
	listen = xstrdup(p->listen);
	rc = toxi_change(t, i, p, e);
	if (rc == -1)
		say_as_go(listen, e);
	free(listen);
	return rc;
}

/* Reads the body's object into a new proxy; NULL: the answer has been set. */
static struct toxi_proxy *read_body(const struct http_request *r, struct http_answer *a)
{
	struct err e;
	json_t *json = json_in_parse(r->body, r->len, &e);
	struct toxi_proxy *p = json ? toxi_proxies_read(json, &e) : NULL;

	json_decref(json);
	if (!p)
		toxi_answer_error(a, 400, "bad request body: %s", e.text);
	return p;
}

void toxi_proxies_create(struct toxi *t, const struct http_request *r, struct http_answer *a)
{
	struct toxi_proxy *p = read_body(r, a);
	struct err e;

	if (!p)
		return;
	if (!*p->name)
		toxi_answer_error(a, 400, "missing required field: name");
	else if (!*p->upstream)
		toxi_answer_error(a, 400, "missing required field: upstream");
	else if (toxi_model_find(&t->model, p->name) >= 0)
		toxi_answer_error(a, 409, "proxy already exists");
	if (a->status) {
		toxi_proxy_free(p);
		return;
	}
	if (toxi_proxies_put(t, t->model.n, p, &e) == -1)
		toxi_answer_error(a, 500, "%s", e.text);
	else
		toxi_answer_proxy(a, 201, p);
}

void toxi_proxies_show(struct toxi *t, const char *name, struct http_answer *a)
{
	const struct toxi_proxy *p = toxi_proxies_find(t, name, a);

	if (p)
		toxi_answer_proxy(a, 200, p);
}

/* Reads the body over what p says; false: the answer has been set. */
static bool read_update(const struct http_request *r, struct toxi_proxy *p, struct http_answer *a)
{
	struct err e;
	json_t *json = json_in_parse(r->body, r->len, &e);
	int rc = json ? read_members(json, p, false, &e) : -1;

	json_decref(json);
	if (rc == -1)
		toxi_answer_error(a, 400, "bad request body: %s", e.text);
	return rc == 0;
}

/* Stops the proxy, so that the other one takes its place, or stays down where it can't listen. */
static int restart_proxy(struct toxi *t, size_t i, struct toxi_proxy *next, struct err *e)
{
	struct toxi_proxy *down = toxi_proxy_copy(next);
	char *name = xstrdup(next->name);
	struct err other;
	int rc;

	down->enabled = false;
	toxi_hang_up(t, name);
	rc = toxi_proxies_put(t, i, next, e);
	if (rc == 0)
		toxi_proxy_free(down);
	else if (toxi_change(t, i, down, &other) == -1)
		log_error(t->host->log, "proxy '%s' can't be stopped: %s", name, other.text);
	toxi_hang_up(t, name); /* what its listener had accepted meanwhile */
	free(name);
	return rc;
}

static int stop_proxy(struct toxi *t, size_t i, struct toxi_proxy *next, struct err *e)
{
	char *name = xstrdup(next->name);
	int rc;

	toxi_hang_up(t, name);
	rc = toxi_change(t, i, next, e);
	toxi_hang_up(t, name);
	free(name);
	return rc;
}

/* Returns whether the proxy is to be started anew: for Toxiproxy a listen address is another one
 * when its text differs once it is resolved. */
static bool is_other_place(const struct toxi_proxy *now, const struct toxi_proxy *next)
{
	char resolved[TOXI_ADDRESS_TEXT];

	return strcmp(now->listen, toxi_listen_resolved(next->listen, resolved)) != 0 ||
	       strcmp(now->upstream, next->upstream) != 0;
}

static int change_proxy(struct toxi *t, size_t i, struct toxi_proxy *next, struct err *e)
{
	const struct toxi_proxy *now = t->model.proxy[i];
	struct addr a;

	if (toxi_listen_parse(next->listen, &a, e) == -1) {
		toxi_proxy_free(next);
		return -1;
	}
	if (!is_other_place(now, next)) {
		free(next->listen);
		next->listen = xstrdup(now->listen);
		if (next->enabled == now->enabled) {
			toxi_proxy_free(next);
			return 0;
		}
	} else if (strcmp(next->listen, now->listen) != 0) {
		next->bound = next->exact = false;
	}
	return next->enabled ? restart_proxy(t, i, next, e) : stop_proxy(t, i, next, e);
}

void toxi_proxies_update(struct toxi *t, const char *name, const struct http_request *r,
			 struct http_answer *a)
{
	ssize_t i = toxi_model_find(&t->model, name);
	struct toxi_proxy *next;
	struct err e;

	if (!toxi_proxies_find(t, name, a))
		return;
	next = toxi_proxy_copy(t->model.proxy[i]);
	if (!read_update(r, next, a)) {
		toxi_proxy_free(next);
		return;
	}
	if (change_proxy(t, (size_t)i, next, &e) == -1)
		toxi_answer_error(a, 500, "%s", e.text);
	else
		toxi_answer_proxy(a, 200, t->model.proxy[i]);
}

void toxi_proxies_delete(struct toxi *t, const char *name, struct http_answer *a)
{
	ssize_t i = toxi_model_find(&t->model, name);
	struct err e;

	if (!toxi_proxies_find(t, name, a))
		return;
	toxi_hang_up(t, name);
	if (toxi_change(t, (size_t)i, NULL, &e) == -1)
		toxi_answer_error(a, 500, "%s", e.text);
	else
		a->status = 204;
	toxi_hang_up(t, name);
}

/* A proxy as /reset wants it; NULL: it is so already. */
static struct toxi_proxy *reset_copy(const struct toxi_proxy *now)
{
	struct toxi_proxy *next;

	if (now->enabled && !now->n)
		return NULL;
	next = toxi_proxy_copy(now);
	toxi_proxy_clear(next);
	next->enabled = true;
	return next;
}

/* All at once: a change takes as long as there are proxies. */
static int reset_together(struct toxi *t)
{
	struct toxi_proxy **next = xcalloc(t->model.n + 1, sizeof(struct toxi_proxy *));
	struct err e;
	int rc;

	for (size_t i = 0; i < t->model.n; i++)
		next[i] = reset_copy(t->model.proxy[i]);
	rc = toxi_change_all(t, next, &e);
	free(next);
	return rc;
}

/* Where one can't listen, those before it are reset nevertheless. */
void toxi_proxies_reset(struct toxi *t, struct http_answer *a)
{
	struct err e;

	a->status = 204;
	if (reset_together(t) == 0)
		return;
	for (size_t i = 0; i < t->model.n; i++) {
		struct toxi_proxy *next = reset_copy(t->model.proxy[i]);

		if (!next || toxi_proxies_put(t, i, next, &e) == 0)
			continue;
		toxi_answer_error(a, 500, "%s", e.text);
		return;
	}
}
