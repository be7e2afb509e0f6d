/* upstream_map.h - sends connections elsewhere than where their clients wanted to go: a list of
 * rules, of which the first that fits counts. Plain data; resolves no names. */
#ifndef WEDGE_ENGINE_UPSTREAM_MAP_H
#define WEDGE_ENGINE_UPSTREAM_MAP_H

#include "proxy/base/addr.h"

enum { UPSTREAM_RULES_MAX = 256 };

struct upstream_rule {
	bool any_address;
	struct cidr from;
	uint16_t port;	     /* 0: every */
	struct host_port to; /* port 0: that of the original destination */
	bool to_name;	     /* to.host isn't an address */
};

struct upstream_map {
	struct upstream_rule *rule;
	size_t n;
};

/* Adds a rule. from: ADDR, ADDR:PORT, CIDR, CIDR:PORT or :PORT; to: HOST or HOST:PORT; with []
 * around an IPv6 address, which a network needs only before a port. -1 with what would be accepted.
 */
int upstream_map_add(struct upstream_map *m, const char *from, const char *to,
		     struct err *e) WG_MUSTUSE;

/* Adds a rule that is written FROM=TO. -1 with what would be accepted. */
int upstream_map_parse(struct upstream_map *m, const char *text, struct err *e) WG_MUSTUSE;

/* Puts into *to where a connection to orig_dst goes. false: no rule fits, and *to is unchanged. */
bool upstream_map_find(const struct upstream_map *m, const struct addr *orig_dst,
		       struct host_port *to);

/* True when both have the same rules in the same order. */
bool upstream_map_equal(const struct upstream_map *a, const struct upstream_map *b);

/* Returns a copy; upstream_map_free frees its rules. An empty map, all zero, needs no freeing. */
struct upstream_map upstream_map_copy(const struct upstream_map *m);
void upstream_map_free(struct upstream_map *m);

#endif
