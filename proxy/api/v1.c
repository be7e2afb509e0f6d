/* v1.c - finds the resource that a path names, and then what the method does with it. */
#include "proxy/api/v1.h"

#include "proxy/api/v1_problem.h"
#include "proxy/api/v1_proxies.h"
#include "proxy/api/v1_sessions.h"
#include "proxy/base/units.h"
#include "proxy/base/version.h"
#include "proxy/engine/engine.h"

#include <jansson.h>
#include <string.h>

static const char root[] = "/wedge/v1";

/* What a path names below the root: a collection, and one of it. */
struct place {
	const char *collection, *item; /* item: NULL for the collection itself */
	char text[1024];
};

static bool split_path(const char *path, struct place *p)
{
	char *slash;

	if (strlen(path) >= sizeof(p->text))
		return false;
	snprintf(p->text, sizeof(p->text), "%s", path);
	slash = strchr(p->text, '/');
	if (slash)
		*slash = '\0';
	p->collection = p->text;
	p->item = slash ? slash + 1 : NULL;
	return !p->item || (*p->item && !strchr(p->item, '/'));
}

static bool refuse_method(const struct http_request *r, unsigned allowed, struct http_answer *a)
{
	if (allowed & (unsigned)r->method)
		return false;
	v1_problem(a, 405, "this resource has no such method");
	return true;
}

static void answer_health(const struct v1 *v, const struct http_request *r, struct http_answer *a)
{
	const struct service *s = v->toxi->host->service;
	struct service_proxy_info info;
	struct engine_stats stats;
	size_t n = 0;

	if (refuse_method(r, EVHTTP_REQ_GET, a))
		return;
	while (service_proxy_info(s, n, &info))
		n++;
	engine_stats(service_engine(v->toxi->host->service), &stats);
	v1_json(a, 200,
		json_pack("{s:s, s:s, s:I, s:I, s:I}", "status", "ok", "version", WEDGE_VERSION,
			  "proxies", (json_int_t)n, "sessions_open",
			  (json_int_t)stats.sessions_open, "sessions_accepted",
			  (json_int_t)stats.sessions_accepted));
}

static void answer_proxies(struct v1 *v, const struct place *p, const struct http_request *r,
			   struct http_answer *a)
{
	unsigned methods =
	    p->item ? EVHTTP_REQ_GET | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE : EVHTTP_REQ_GET;

	if (refuse_method(r, methods, a))
		return;
	if (!p->item)
		v1_proxies_list(v->toxi, a);
	else if (r->method == EVHTTP_REQ_GET)
		v1_proxies_show(v->toxi, p->item, a);
	else if (r->method == EVHTTP_REQ_PUT)
		v1_proxies_put(v->toxi, p->item, v->trusted, r, a);
	else
		v1_proxies_delete(v->toxi, p->item, a);
}

static void answer_sessions(struct v1 *v, const struct place *p, const struct http_request *r,
			    struct http_answer *a)
{
	struct engine *en = service_engine(v->toxi->host->service);
	unsigned methods = p->item ? EVHTTP_REQ_GET | EVHTTP_REQ_DELETE : EVHTTP_REQ_GET;
	uint64_t number = 0;
	struct err e;

	if (refuse_method(r, methods, a))
		return;
	if (p->item && parse_count(p->item, &number, &e) == -1)
		v1_problem(a, 404, "a session is named by its number");
	else if (!p->item)
		v1_sessions_list(en, a);
	else if (r->method == EVHTTP_REQ_GET)
		v1_sessions_show(en, number, a);
	else
		v1_sessions_end(en, number, r, a);
}

static void answer_journal(struct v1 *v, const struct http_request *r, struct evhttp_request *in,
			   struct http_answer *a)
{
	if (refuse_method(r, EVHTTP_REQ_GET, a))
		return;
	if (v1_journal_follow(v->journal, in))
		a->status = HTTP_STREAMS;
	else
		v1_problem(a, 503, "as many clients as are served follow the journal already");
}

bool v1_answer(struct v1 *v, const struct http_request *r, struct evhttp_request *in,
	       struct http_answer *a)
{
	struct place p;
	size_t n = strlen(root);

	if (strncmp(r->path, root, n) != 0 || (r->path[n] && r->path[n] != '/'))
		return false;
	if (r->path[n] != '/' || !split_path(r->path + n + 1, &p))
		v1_problem(a, 404, "there is nothing here; the API is described in docs/api.md");
	else if (strcmp(p.collection, "proxies") == 0)
		answer_proxies(v, &p, r, a);
	else if (strcmp(p.collection, "sessions") == 0)
		answer_sessions(v, &p, r, a);
	else if (strcmp(p.collection, "journal") == 0 && !p.item)
		answer_journal(v, r, in, a);
	else if (strcmp(p.collection, "health") == 0 && !p.item)
		answer_health(v, r, a);
	else
		v1_problem(a, 404, "there is nothing here; the API is described in docs/api.md");
	return true;
}
