/* toxi_toxics.c - a toxic is read in two passes, as Toxiproxy does it: first what it is, then its
 * attributes, whose names its type decides. */
#include "proxy/api/toxi_toxics.h"

#include "proxy/api/json_in.h"
#include "proxy/api/toxi_answer.h"
#include "proxy/api/toxi_proxies.h"
#include "proxy/base/mem.h"

#include <string.h>

static const struct json_place place_toxicity = {"ToxicWrapper", "toxicity"};

static int refuse_body(const struct err *why, struct err *e)
{
	return err_set(e, "bad request body: %s", why->text);
}

static int read_attributes(const json_t *object, struct toxi_toxic *t, struct err *e)
{
	json_t *attributes = json_in_member(object, "attributes");
	char field[64];

	if (!attributes)
		return 0;
	for (int i = 0; i < TOXI_ATTRIBUTES && t->type->attribute[i]; i++) {
		const struct json_place at = {t->type->go, field};

		snprintf(field, sizeof(field), "attributes.%s", t->type->attribute[i]);
		if (json_in_integer(attributes, &at, &t->attribute[i], e) == -1)
			return -1;
	}
	return 0;
}

/* What a toxic is, without its attributes; the type's name is the caller's. */
static int read_wrapper(const json_t *object, struct toxi_toxic *t, char **type, struct err *e)
{
	static const struct json_place name = {"ToxicWrapper", "name"},
				       kind = {"ToxicWrapper", "type"},
				       stream = {"ToxicWrapper", "stream"};
	json_t *attributes;

	if (json_in_object(object, "toxics.ToxicWrapper", e) == -1)
		return -1;
	attributes = json_in_member(object, "attributes");
	if (attributes && json_in_object(attributes, "toxics.NoopToxic", e) == -1)
		return -1;
	if (json_in_text(object, &name, &t->name, e) == -1 ||
	    json_in_text(object, &kind, type, e) == -1 ||
	    json_in_text(object, &stream, &t->stream, e) == -1)
		return -1;
	return json_in_float(object, &place_toxicity, &t->toxicity, e);
}

static void name_toxic(struct toxi_toxic *t, const char *type)
{
	if (*t->name)
		return;
	free(t->name);
	t->name = xasprintf("%s_%s", type, t->stream);
}

static int refuse_status(int status, struct err *e, const char *why)
{
	err_set(e, "%s", why);
	return status;
}

/* Returns 0, or the status of the refusal. */
static int read_toxic(const json_t *object, const struct toxi_proxy *p, struct toxi_toxic *t,
		      char **type, struct err *e)
{
	struct err why;

	if (read_wrapper(object, t, type, &why) == -1) {
		refuse_body(&why, e);
		return 400;
	}
	if (!toxi_stream_parse(t->stream, &t->dir))
		return refuse_status(400, e,
				     "stream was invalid, can be either upstream or downstream");
	name_toxic(t, *type);
	t->type = toxi_type_find(*type);
	if (!t->type)
		return refuse_status(400, e, "invalid toxic type");
	if (toxi_proxy_find(p, t->name) >= 0)
		return refuse_status(409, e, "toxic already exists");
	if (read_attributes(object, t, &why) == 0)
		return 0;
	refuse_body(&why, e);
	return 400;
}

int toxi_toxics_read(const json_t *object, struct toxi_proxy *p, struct err *e)
{
	struct toxi_toxic t = {.name = xstrdup(""), .stream = xstrdup("downstream"), .toxicity = 1};
	char *type = xstrdup("");
	int status = read_toxic(object, p, &t, &type, e);

	free(type);
	if (status)
		toxi_toxic_fini(&t);
	else
		toxi_proxy_add(p, &t);
	return status;
}

/* Returns the toxic of that name; NULL, with the answer 404, when there is none, or no such proxy.
 */
static struct toxi_toxic *find_toxic(struct toxi *t, const char *proxy, const char *name,
				     struct http_answer *a)
{
	struct toxi_proxy *p = toxi_proxies_find(t, proxy, a);
	ssize_t i = p ? toxi_proxy_find(p, name) : -1;

	if (i >= 0)
		return &p->toxic[i];
	if (p)
		toxi_answer_error(a, 404, "toxic not found");
	return NULL;
}

void toxi_toxics_list(struct toxi *t, const char *proxy, struct http_answer *a)
{
	const struct toxi_proxy *p = toxi_proxies_find(t, proxy, a);

	if (p)
		toxi_answer_toxics(a, p);
}

void toxi_toxics_show(struct toxi *t, const char *proxy, const char *name, struct http_answer *a)
{
	const struct toxi_toxic *toxic = find_toxic(t, proxy, name, a);

	if (toxic)
		toxi_answer_toxic(a, toxic);
}

/* Has a changed copy of the proxy run, which becomes t's. Returns whether it does; else the answer
 * has been set. */
static bool run_copy(struct toxi *t, struct toxi_proxy *next, struct http_answer *a)
{
	ssize_t i = toxi_model_find(&t->model, next->name);
	struct err e;

	if (toxi_change(t, (size_t)i, next, &e) == 0)
		return true;
	toxi_answer_error(a, 500, "%s", e.text);
	return false;
}

void toxi_toxics_create(struct toxi *t, const char *proxy, const struct http_request *r,
			struct http_answer *a)
{
	const struct toxi_proxy *p = toxi_proxies_find(t, proxy, a);
	struct toxi_proxy *next;
	int status = 400;
	struct err e, why;
	json_t *json;

	if (!p)
		return;
	next = toxi_proxy_copy(p);
	json = json_in_parse(r->body, r->len, &why);
	if (json)
		status = toxi_toxics_read(json, next, &e);
	else
		refuse_body(&why, &e);
	json_decref(json);
	if (status) {
		toxi_answer_error(a, status, "%s", e.text);
		toxi_proxy_free(next);
	} else if (run_copy(t, next, a)) {
		toxi_answer_toxic(a, &next->toxic[next->n - 1]);
	}
}

/* Reads attributes, key by key, and the toxicity over what *toxic says. */
static int read_update(const struct http_request *r, struct toxi_toxic *toxic, struct err *e)
{
	json_t *json = json_in_parse(r->body, r->len, e), *attributes;
	int rc = json ? json_in_object(json, "struct { Attributes interface {} }", e) : -1;

	attributes = rc == 0 ? json_in_member(json, "attributes") : NULL;
	if (attributes)
		rc = json_in_object(attributes, toxic->type->go, e);
	if (rc == 0)
		rc = read_attributes(json, toxic, e);
	if (rc == 0)
		rc = json_in_float(json, &place_toxicity, &toxic->toxicity, e);
	json_decref(json);
	return rc;
}

void toxi_toxics_update(struct toxi *t, const char *proxy, const char *name,
			const struct http_request *r, struct http_answer *a)
{
	const struct toxi_proxy *p;
	struct toxi_proxy *next;
	struct toxi_toxic *toxic;
	struct err e;

	if (!find_toxic(t, proxy, name, a))
		return;
	p = toxi_proxies_find(t, proxy, a);
	next = toxi_proxy_copy(p);
	toxic = &next->toxic[toxi_proxy_find(next, name)];
	if (read_update(r, toxic, &e) == -1) {
		toxi_answer_error(a, 400, "bad request body: %s", e.text);
		toxi_proxy_free(next);
	} else if (run_copy(t, next, a)) {
		toxi_answer_toxic(a, toxic);
	}
}

void toxi_toxics_delete(struct toxi *t, const char *proxy, const char *name, struct http_answer *a)
{
	struct toxi_proxy *next;

	if (!find_toxic(t, proxy, name, a))
		return;
	next = toxi_proxy_copy(toxi_proxies_find(t, proxy, a));
	toxi_proxy_remove(next, (size_t)toxi_proxy_find(next, name));
	if (run_copy(t, next, a))
		a->status = 204;
}
