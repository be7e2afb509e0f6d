/* v1_proxies.h - the proxies of wedge's own API: every mode, every impairment, in the keys of a
 * file.
 */
#ifndef WEDGE_API_V1_PROXIES_H
#define WEDGE_API_V1_PROXIES_H

#include "proxy/api/http_message.h"
#include "proxy/api/toxi.h"

/* Each sets the whole answer. trusted: every mode, and TLS with its files, may be asked for. */
void v1_proxies_list(const struct toxi *t, struct http_answer *a);
void v1_proxies_show(const struct toxi *t, const char *name, struct http_answer *a);
void v1_proxies_put(struct toxi *t, const char *name, bool trusted, const struct http_request *r,
		    struct http_answer *a);
void v1_proxies_delete(struct toxi *t, const char *name, struct http_answer *a);

#endif
