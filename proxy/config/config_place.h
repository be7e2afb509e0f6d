/* config_place.h - where a proxy's connections come from: parsed from its texts, compared, and in
 * words. */
#ifndef WEDGE_CONFIG_CONFIG_PLACE_H
#define WEDGE_CONFIG_CONFIG_PLACE_H

#include "proxy/config/config.h"

/* Parses "192.0.2.1:80", or "192.0.2.1" for every port of it, into p->server. */
int config_place_server(struct config_proxy *p, const char *text, struct err *e) WG_MUSTUSE;

/* Parses in_text, port_text, to_text and user_text into p->intercept; *at is the key of the one
 * that is wrong. */
int config_place_intercept(struct config_proxy *p, const char **at, struct err *e) WG_MUSTUSE;

/* True when both proxies would get the same connections. */
bool config_places_meet(const struct config_proxy *a, const struct config_proxy *b);

/* The place of p in words; the caller frees. */
char *config_place_text(const struct config_proxy *p) WG_MUSTUSE;

#endif
