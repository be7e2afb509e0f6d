/* toxi_routes.c - a table of path patterns; "*" is any one segment. */
#include "proxy/api/toxi_routes.h"

#include "proxy/api/json_out.h"
#include "proxy/api/toxi_answer.h"
#include "proxy/api/toxi_populate.h"
#include "proxy/api/toxi_proxies.h"
#include "proxy/api/toxi_toxics.h"
#include "proxy/base/mem.h"

#include <string.h>

enum { NAMES_MAX = 2 };

typedef void toxi_handler(struct toxi *t, const struct http_request *r, char *const *name,
			  struct http_answer *a);

static void answer_version(struct toxi *t, const struct http_request *r, char *const *name,
			   struct http_answer *a)
{
	(void)t;
	(void)r;
	(void)name;
	a->status = 200;
	a->type = "application/json;charset=utf-8";
	json_out_plain(a->body, "{\"version\": \"" TOXI_VERSION "\"}\n");
}

static void list_proxies(struct toxi *t, const struct http_request *r, char *const *name,
			 struct http_answer *a)
{
	(void)r;
	(void)name;
	toxi_answer_proxies(a, &t->model);
}

static void create_proxy(struct toxi *t, const struct http_request *r, char *const *name,
			 struct http_answer *a)
{
	(void)name;
	toxi_proxies_create(t, r, a);
}

static void show_proxy(struct toxi *t, const struct http_request *r, char *const *name,
		       struct http_answer *a)
{
	(void)r;
	toxi_proxies_show(t, name[0], a);
}

static void update_proxy(struct toxi *t, const struct http_request *r, char *const *name,
			 struct http_answer *a)
{
	toxi_proxies_update(t, name[0], r, a);
}

static void delete_proxy(struct toxi *t, const struct http_request *r, char *const *name,
			 struct http_answer *a)
{
	(void)r;
	toxi_proxies_delete(t, name[0], a);
}

static void reset_all(struct toxi *t, const struct http_request *r, char *const *name,
		      struct http_answer *a)
{
	(void)r;
	(void)name;
	toxi_proxies_reset(t, a);
}

static void populate_all(struct toxi *t, const struct http_request *r, char *const *name,
			 struct http_answer *a)
{
	(void)name;
	toxi_populate(t, r, a);
}

static void list_toxics(struct toxi *t, const struct http_request *r, char *const *name,
			struct http_answer *a)
{
	(void)r;
	toxi_toxics_list(t, name[0], a);
}

static void create_toxic(struct toxi *t, const struct http_request *r, char *const *name,
			 struct http_answer *a)
{
	toxi_toxics_create(t, name[0], r, a);
}

static void show_toxic(struct toxi *t, const struct http_request *r, char *const *name,
		       struct http_answer *a)
{
	(void)r;
	toxi_toxics_show(t, name[0], name[1], a);
}

static void update_toxic(struct toxi *t, const struct http_request *r, char *const *name,
			 struct http_answer *a)
{
	toxi_toxics_update(t, name[0], name[1], r, a);
}

static void delete_toxic(struct toxi *t, const struct http_request *r, char *const *name,
			 struct http_answer *a)
{
	(void)r;
	toxi_toxics_delete(t, name[0], name[1], a);
}

static const struct {
	const char *path;
	unsigned methods; /* of enum evhttp_cmd_type */
	toxi_handler *handler;
} routes[] = {
    {"/version", EVHTTP_REQ_GET, answer_version},
    {"/proxies", EVHTTP_REQ_GET, list_proxies},
    {"/proxies", EVHTTP_REQ_POST, create_proxy},
    {"/populate", EVHTTP_REQ_POST, populate_all},
    {"/reset", EVHTTP_REQ_POST, reset_all},
    {"/proxies/*", EVHTTP_REQ_GET, show_proxy},
    {"/proxies/*", EVHTTP_REQ_POST | EVHTTP_REQ_PATCH, update_proxy},
    {"/proxies/*", EVHTTP_REQ_DELETE, delete_proxy},
    {"/proxies/*/toxics", EVHTTP_REQ_GET, list_toxics},
    {"/proxies/*/toxics", EVHTTP_REQ_POST, create_toxic},
    {"/proxies/*/toxics/*", EVHTTP_REQ_GET, show_toxic},
    {"/proxies/*/toxics/*", EVHTTP_REQ_POST | EVHTTP_REQ_PATCH, update_toxic},
    {"/proxies/*/toxics/*", EVHTTP_REQ_DELETE, delete_toxic},
};

/* Returns whether the path fits the pattern, with the segments of its "*"s, to be freed. */
static bool match_path(const char *pattern, const char *path, char *name[NAMES_MAX])
{
	size_t n = 0;

	while (*pattern && *path) {
		size_t len = strcspn(path, "/");

		if (*pattern != '*') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		if (!len)
			return false;
		free(name[n]);
		name[n++] = xasprintf("%.*s", (int)len, path);
		pattern++;
		path += len;
	}
	return !*pattern && !*path;
}

bool toxi_routes_answer(struct toxi *t, const struct http_request *r, struct http_answer *a)
{
	char *name[NAMES_MAX] = {NULL};
	bool known = false;

	for (size_t i = 0; i < ARRAY_LEN(routes) && !a->routed; i++) {
		if (!match_path(routes[i].path, r->path, name))
			continue;
		known = true;
		if (!(routes[i].methods & (unsigned)r->method))
			continue;
		a->routed = true;
		routes[i].handler(t, r, name, a);
	}
	for (size_t i = 0; i < NAMES_MAX; i++)
		free(name[i]);
	if (known && !a->routed)
		a->status = 405;
	return known;
}
