/* toxi_address.h - where a proxy listens and what it dials, in the words that Go's net package
 * takes, with its errors. Asks no name server: nothing here waits. */
#ifndef WEDGE_API_TOXI_ADDRESS_H
#define WEDGE_API_TOXI_ADDRESS_H

#include "proxy/base/addr.h"

/* Reads "127.0.0.1:0", "localhost:8080", "[::1]:http", ":80", "0.0.0.0:80"; an empty text is any
 * address and port. Of names only localhost is known. -1 with *e as net.ResolveTCPAddr has it:
 * "address bad: missing port in address". */
int toxi_listen_parse(const char *text, struct addr *a, struct err *e) WG_MUSTUSE;

/* Prints what net.ResolveTCPAddr makes of a text that toxi_listen_parse has accepted:
 * "127.0.0.1:80",
 * ":80" without a host. */
#define TOXI_ADDRESS_TEXT 80
char *toxi_listen_resolved(const char *text, char buf[TOXI_ADDRESS_TEXT]);

/* Returns the server that a text names. One that names none becomes a place where nobody listens:
 * clients are let in, and meet an end, as of any server that is down. */
struct host_port toxi_upstream(const char *text);

/* Returns the text of a server: "host:80", "[::1]:80"; to be freed. */
char *toxi_upstream_text(const struct host_port *hp);

#endif
