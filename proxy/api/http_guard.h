/* http_guard.h - who may speak with an API: no web page, and beyond this host only who shows the
 * token. Pure; knows no server. */
#ifndef WEDGE_API_HTTP_GUARD_H
#define WEDGE_API_HTTP_GUARD_H

#include "proxy/base/err.h"

#include <stdbool.h>

/* Reads the token from the first line of a file; to be freed. NULL with *e when it can't be read,
 * or holds none of at least 16 characters. */
char *http_guard_read_token(const char *path, struct err *e) WG_MUSTUSE;

/* The headers that are looked at; NULL: not sent. */
struct http_guard_headers {
	const char *host, *origin, *fetch_site, *authorization;
};

/* Returns why a request is refused, or NULL. token NULL: none is asked for. *status is 401 or 403.
 * A name in Host other than localhost is refused where no token protects: a web page can have any
 * name mean this host (DNS rebinding). */
const char *http_guard_refuses(const struct http_guard_headers *h, const char *token, int *status);

#endif
