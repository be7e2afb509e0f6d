/* toxi_populate.h - many proxies at once: the request /populate, and the file of such proxies that
 * Toxiproxy's server begins with, which may hold toxics here. */
#ifndef WEDGE_API_TOXI_POPULATE_H
#define WEDGE_API_TOXI_POPULATE_H

#include "proxy/api/http_message.h"
#include "proxy/api/toxi.h"

void toxi_populate(struct toxi *t, const struct http_request *r, struct http_answer *a);

/* Has the proxies of a file run, with their toxics, in order. -1 with *e: none of an invalid file,
 * else those before the first that cannot listen. */
int toxi_populate_file(struct toxi *t, const char *path, struct err *e) WG_MUSTUSE;

#endif
