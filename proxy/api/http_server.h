/* http_server.h - an HTTP server on the loop for an API: bounded requests, bounded time, and
 * nothing for web pages of others. Knows no route. */
#ifndef WEDGE_API_HTTP_SERVER_H
#define WEDGE_API_HTTP_SERVER_H

#include "proxy/api/http_message.h"
#include "proxy/base/addr.h"
#include "proxy/base/loop.h"

struct http_server;

struct http_server_config {
	struct addr listen;
	const char *token; /* that every request must show; NULL: none */
	/* Answers a request; a->body is empty. in: for its headers. */
	void (*answer)(void *arg, const struct http_request *r, struct evhttp_request *in,
		       struct http_answer *a);
	void *arg;
	/* Puts into words why a request is refused by its headers (http_guard.h); a->status is set.
	 * path: NULL when the request has none that can be read. */
	void (*refuse)(const char *path, const char *why, struct http_answer *a);
	/* Whether a path needs no token; NULL: each does. */
	bool (*is_public)(const char *path);
};

/* Listens and serves; config is copied but for what it points to. NULL with *e when it can't. */
struct http_server *http_server_new(struct loop *loop, const struct http_server_config *config,
				    struct err *e) WG_MUSTUSE;
void http_server_free(struct http_server *s); /* NULL is fine */

/* The address that is listened on. */
const struct addr *http_server_addr(const struct http_server *s);

#endif
