/* v1.c - finds the resource that a path names, and then what the method does with it. */
#include "proxy/api/v1.h"

#include "proxy/api/http_peer.h"
#include "proxy/api/v1_captures.h"
#include "proxy/api/v1_impairments.h"
#include "proxy/api/v1_problem.h"
#include "proxy/api/v1_proxies.h"
#include "proxy/api/v1_sessions.h"
#include "proxy/api/v1_stats.h"
#include "proxy/base/mem.h"
#include "proxy/base/units.h"
#include "proxy/base/version.h"
#include "proxy/engine/engine.h"

#include <event2/bufferevent.h>
#include <jansson.h>
#include <string.h>

static const char root[] = "/wedge/v1";

/* What a path names below the root: a collection, one of it, a part of that one. */
struct place {
	const char *collection, *item, *part; /* item, part: NULL when none is named */
	char text[1024];
};

/* Cuts text at its first slash, and returns what is behind it; NULL: there is none. */
static char *cut_segment(char *text)
{
	char *slash = text ? strchr(text, '/') : NULL;

	if (slash)
		*slash++ = '\0';
	return slash;
}

static bool split_path(const char *path, struct place *p)
{
	char *item, *part, *more;

	if (strlen(path) >= sizeof(p->text))
		return false;
	snprintf(p->text, sizeof(p->text), "%s", path);
	p->collection = p->text;
	p->item = item = cut_segment(p->text);
	p->part = part = cut_segment(item);
	more = cut_segment(part);
	return !more && (!item || *item) && (!part || *part);
}

static bool refuse_method(const struct http_request *r, unsigned allowed, struct http_answer *a)
{
	if (allowed & (unsigned)r->method)
		return false;
	v1_problem(a, 405, "this resource has no such method");
	return true;
}

static void answer_nothing(struct http_answer *a)
{
	v1_problem(a, 404, "there is nothing here; the API is described in docs/api.md");
}

/* Returns true when the resource itself is read, which has no parts; else it has answered. */
static bool reads_whole(const struct place *p, const struct http_request *r, struct http_answer *a)
{
	if (!p->item)
		return !refuse_method(r, EVHTTP_REQ_GET, a);
	answer_nothing(a);
	return false;
}

static void answer_health(struct v1 *v, const struct place *p, const struct http_request *r,
			  struct http_answer *a)
{
	const struct service *s = v->toxi->host->service;
	struct service_proxy_info info;
	struct engine_stats stats;
	size_t n = 0;

	if (!reads_whole(p, r, a))
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

static void answer_stats(struct v1 *v, const struct place *p, const struct http_request *r,
			 struct http_answer *a)
{
	if (reads_whole(p, r, a))
		v1_stats_show(v->toxi, a);
}

static void answer_kinds(struct v1 *v, const struct place *p, const struct http_request *r,
			 struct http_answer *a)
{
	if (reads_whole(p, r, a))
		v1_impairments_kinds(v->toxi, a);
}

static bool is_part(const struct place *p, const char *name)
{
	return p->part && strcmp(p->part, name) == 0;
}

static void answer_proxies(struct v1 *v, const struct place *p, const struct http_request *r,
			   struct http_answer *a)
{
	unsigned methods =
	    p->item ? EVHTTP_REQ_GET | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE : EVHTTP_REQ_GET;

	if (p->part && !is_part(p, "impairments"))
		answer_nothing(a);
	else if (refuse_method(r, p->part ? EVHTTP_REQ_PUT : methods, a))
		return;
	else if (!p->item)
		v1_proxies_list(v->toxi, a);
	else if (p->part && v1_impairments_of_proxy(v->toxi, p->item, v->trusted, r, a))
		v1_proxies_show(v->toxi, p->item, a);
	else if (p->part)
		return;
	else if (r->method == EVHTTP_REQ_GET)
		v1_proxies_show(v->toxi, p->item, a);
	else if (r->method == EVHTTP_REQ_PUT)
		v1_proxies_put(v->toxi, p->item, v->trusted, r, a);
	else
		v1_proxies_delete(v->toxi, p->item, a);
}

/* Returns whether the item is a number; else it has answered. */
static bool read_number(const struct place *p, const char *what, uint64_t *number,
			struct http_answer *a)
{
	char text[64];
	struct err e;

	*number = 0;
	if (!p->item || parse_count(p->item, number, &e) == 0)
		return true;
	snprintf(text, sizeof(text), "a %s is named by its number", what);
	v1_problem(a, 404, text);
	return false;
}

static void answer_session(struct v1 *v, uint64_t number, const struct http_request *r,
			   struct http_answer *a)
{
	struct engine *en = service_engine(v->toxi->host->service);

	if (r->method == EVHTTP_REQ_GET)
		v1_sessions_show(en, number, a);
	else
		v1_sessions_end(en, number, r, a);
}

static void answer_sessions(struct v1 *v, const struct place *p, const struct http_request *r,
			    struct http_answer *a)
{
	unsigned methods = p->part   ? EVHTTP_REQ_GET | EVHTTP_REQ_PUT
			   : p->item ? EVHTTP_REQ_GET | EVHTTP_REQ_DELETE
				     : EVHTTP_REQ_GET;
	uint64_t number;

	if (p->part && !is_part(p, "impairments"))
		answer_nothing(a);
	else if (refuse_method(r, methods, a) || !read_number(p, "session", &number, a))
		return;
	else if (!p->item)
		v1_sessions_list(service_engine(v->toxi->host->service), r, a);
	else if (p->part)
		v1_impairments_of_session(v->toxi, number, v->trusted, r, a);
	else
		answer_session(v, number, r, a);
}

/* A capture shows what others send, and TLS's secrets; the list of captures says nothing of it. */
static bool may_capture(const struct v1 *v, const struct place *p, const struct http_request *r,
			struct evhttp_request *in, struct http_answer *a)
{
	struct evhttp_connection *conn = evhttp_request_get_connection(in);
	int fd = bufferevent_getfd(evhttp_connection_get_bufferevent(conn));

	if (v->trusted || (r->method == EVHTTP_REQ_GET && !p->part) || http_peer_is_own(fd))
		return true;
	v1_problem(a, 403,
		   "a capture shows what others send: without --api-token it is for the user that "
		   "wedge runs as, and for who has started it by sudo");
	return false;
}

static void answer_captures(struct v1 *v, const struct place *p, const struct http_request *r,
			    struct evhttp_request *in, struct http_answer *a)
{
	struct service_captures *cs = v->toxi->host->captures;
	unsigned methods = p->part   ? EVHTTP_REQ_GET
			   : p->item ? EVHTTP_REQ_GET | EVHTTP_REQ_PUT | EVHTTP_REQ_DELETE
				     : EVHTTP_REQ_GET | EVHTTP_REQ_POST;
	uint64_t number;

	if (p->part && !is_part(p, "file"))
		answer_nothing(a);
	else if (refuse_method(r, methods, a) || !read_number(p, "capture", &number, a) ||
		 !may_capture(v, p, r, in, a))
		return;
	else if (p->part)
		v1_captures_fetch(cs, number, r, in, a);
	else if (r->method == EVHTTP_REQ_POST)
		v1_captures_start(cs, a);
	else if (r->method == EVHTTP_REQ_PUT)
		v1_captures_change(cs, number, r, a);
	else if (r->method == EVHTTP_REQ_DELETE)
		v1_captures_remove(cs, number, a);
	else if (p->item)
		v1_captures_show(cs, number, a);
	else
		v1_captures_list(cs, a);
}

static void answer_journal(struct v1 *v, const struct place *p, const struct http_request *r,
			   struct evhttp_request *in, struct http_answer *a)
{
	if (p->item)
		answer_nothing(a);
	else if (refuse_method(r, EVHTTP_REQ_GET, a))
		return;
	else if (v1_journal_follow(v->journal, in))
		a->status = HTTP_STREAMS;
	else
		v1_problem(a, 503, "as many clients as are served follow the journal already");
}

typedef void (*answer_fn)(struct v1 *v, const struct place *p, const struct http_request *r,
			  struct http_answer *a);

/* What needs no more of a request than its data. */
static answer_fn find_answer(const char *collection)
{
	static const struct {
		const char *name;
		answer_fn answer;
	} collections[] = {
	    {"proxies", answer_proxies},   {"sessions", answer_sessions},
	    {"impairments", answer_kinds}, {"stats", answer_stats},
	    {"health", answer_health},
	};

	for (size_t i = 0; i < ARRAY_LEN(collections); i++)
		if (strcmp(collections[i].name, collection) == 0)
			return collections[i].answer;
	return NULL;
}

static void answer_place(struct v1 *v, const struct place *p, const struct http_request *r,
			 struct evhttp_request *in, struct http_answer *a)
{
	answer_fn answer = find_answer(p->collection);

	if (answer)
		answer(v, p, r, a);
	else if (strcmp(p->collection, "captures") == 0)
		answer_captures(v, p, r, in, a);
	else if (strcmp(p->collection, "journal") == 0)
		answer_journal(v, p, r, in, a);
	else
		answer_nothing(a);
}

bool v1_answer(struct v1 *v, const struct http_request *r, struct evhttp_request *in,
	       struct http_answer *a)
{
	struct place p;
	size_t n = strlen(root);

	if (strncmp(r->path, root, n) != 0 || (r->path[n] && r->path[n] != '/'))
		return false;
	if (r->path[n] == '/' && split_path(r->path + n + 1, &p))
		answer_place(v, &p, r, in, a);
	else
		answer_nothing(a);
	return true;
}
