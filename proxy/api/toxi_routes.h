/* toxi_routes.h - Toxiproxy's HTTP API: which request means what, in which order it is checked, and
 * what is answered. Knows no sockets. */
#ifndef WEDGE_API_TOXI_ROUTES_H
#define WEDGE_API_TOXI_ROUTES_H

#include "proxy/api/http_message.h"
#include "proxy/api/toxi.h"

/* The version of Toxiproxy that is spoken; clients ask whether it is at least 2.6.0. */
#define TOXI_VERSION "2.12.0"

/* Answers a request whose path is clean. Returns false when no route has that path; a->routed stays
 * false where only the method doesn't fit (405). */
bool toxi_routes_answer(struct toxi *t, const struct http_request *r, struct http_answer *a);

#endif
