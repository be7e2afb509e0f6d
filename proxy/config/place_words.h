/* place_words.h - where a proxy listens and what it dials, in the words in which people write it.
 */
#ifndef WEDGE_CONFIG_PLACE_WORDS_H
#define WEDGE_CONFIG_PLACE_WORDS_H

#include "proxy/base/addr.h"

/* Where to listen: as addr_parse has it, and "localhost:8080" (127.0.0.1, RFC 6761 6.3: no resolver
 * is asked) and "*:8080" (every address). A port alone could mean either, so the error offers both.
 */
int listen_place_parse(const char *text, struct addr *a, struct err *e) WG_MUSTUSE;

/* What to dial: as host_port_parse has it, and "tcp://host:80", "http://host:80/" and "http://host"
 * (port 80), as far as such a URL names nothing but a place. */
int upstream_place_parse(const char *text, struct host_port *hp, struct err *e) WG_MUSTUSE;

/* Reads the same where a bare port is one of this host's alone: 127.0.0.1. */
int own_place_parse(const char *text, struct addr *a, struct err *e) WG_MUSTUSE;

#endif
