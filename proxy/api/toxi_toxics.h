/* toxi_toxics.h - the requests about the toxics of a proxy: what is read from each, and its order.
 */
#ifndef WEDGE_API_TOXI_TOXICS_H
#define WEDGE_API_TOXI_TOXICS_H

#include "proxy/api/http_message.h"
#include "proxy/api/toxi.h"

#include <jansson.h>

/* Each sets the whole answer. */
void toxi_toxics_list(struct toxi *t, const char *proxy, struct http_answer *a);
void toxi_toxics_create(struct toxi *t, const char *proxy, const struct http_request *r,
			struct http_answer *a);
void toxi_toxics_show(struct toxi *t, const char *proxy, const char *name, struct http_answer *a);
void toxi_toxics_update(struct toxi *t, const char *proxy, const char *name,
			const struct http_request *r, struct http_answer *a);
void toxi_toxics_delete(struct toxi *t, const char *proxy, const char *name, struct http_answer *a);

/* Reads a toxic from a JSON object and adds it to p. Returns 0, or the status of the refusal with
 * *e. */
int toxi_toxics_read(const json_t *object, struct toxi_proxy *p, struct err *e) WG_MUSTUSE;

#endif
