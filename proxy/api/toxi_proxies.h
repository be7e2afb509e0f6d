/* toxi_proxies.h - the requests about a proxy, or all: what is read from each, and its order. */
#ifndef WEDGE_API_TOXI_PROXIES_H
#define WEDGE_API_TOXI_PROXIES_H

#include "proxy/api/http_message.h"
#include "proxy/api/toxi.h"

#include <jansson.h>

/* Each sets the whole answer. */
void toxi_proxies_create(struct toxi *t, const struct http_request *r, struct http_answer *a);
void toxi_proxies_show(struct toxi *t, const char *name, struct http_answer *a);
void toxi_proxies_update(struct toxi *t, const char *name, const struct http_request *r,
			 struct http_answer *a);
void toxi_proxies_delete(struct toxi *t, const char *name, struct http_answer *a);
void toxi_proxies_reset(struct toxi *t, struct http_answer *a); /* all enabled, without toxics */

/* Returns the proxy of that name; NULL, with the answer 404, when there is none. */
struct toxi_proxy *toxi_proxies_find(struct toxi *t, const char *name, struct http_answer *a);

/* Returns a proxy as a JSON object describes it, enabled unless it says otherwise; NULL with *e
 * when a member has the wrong type. Nothing is checked, but that. */
struct toxi_proxy *toxi_proxies_read(const json_t *object, struct err *e) WG_MUSTUSE;

/* Puts p behind all proxies, or in the place of number i, and has it run: p becomes t's. -1 with *e
 * in Go's words, "listen tcp 127.0.0.1:80: bind: permission denied": nothing has changed, and p is
 * freed. */
int toxi_proxies_put(struct toxi *t, size_t i, struct toxi_proxy *p, struct err *e) WG_MUSTUSE;

#endif
