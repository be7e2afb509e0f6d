/* intercept_match.h - which connections a proxy intercepts: those that come in by one interface, or
 * those that programs of this host open, to these ports and addresses. Plain data; knows no
 * rules. */
#ifndef WEDGE_NETFILTER_INTERCEPT_MATCH_H
#define WEDGE_NETFILTER_INTERCEPT_MATCH_H

#include "proxy/base/addr.h"

#include <net/if.h>
#include <sys/types.h>

enum { INTERCEPT_PORTS_MAX = 32, INTERCEPT_NETS_MAX = 32 };

struct port_range {
	uint16_t first, last;
};

struct intercept_match {
	char interface[IFNAMSIZ]; /* "": connections that this host's programs open */
	struct port_range ports[INTERCEPT_PORTS_MAX];
	size_t nports; /* 0: every port */
	struct cidr to[INTERCEPT_NETS_MAX];
	size_t nto;    /* 0: every address, IPv4 and IPv6, but those of this host */
	bool one_user; /* of this host's programs only those of user */
	uid_t user;
	uint16_t listen; /* the port of the socket that accepts them */
};

/* Adds ports: "80", "80,443", "8000-8100,5061"; "" is every port. -1: *e tells what isn't one. */
int intercept_match_ports(struct intercept_match *s, const char *text, struct err *e) WG_MUSTUSE;

/* Adds networks and addresses: "192.0.2.0/24,2001:db8::1"; "" is every address. */
int intercept_match_to(struct intercept_match *s, const char *text, struct err *e) WG_MUSTUSE;

/* Sets the user by name or number; "" is every user. */
int intercept_match_user(struct intercept_match *s, const char *text, struct err *e) WG_MUSTUSE;

/* Sets the interface, which needs to exist only when rules are made. */
int intercept_match_interface(struct intercept_match *s, const char *text,
			      struct err *e) WG_MUSTUSE;

/* Returns whether connections to that address and port match, whoever opens them. */
bool intercept_match_covers(const struct intercept_match *s, const struct addr *server);

/* Returns whether one connection could match both. */
bool intercept_match_overlap(const struct intercept_match *a, const struct intercept_match *b);

/* Returns a text for messages, "eth1, port 80,443, to 192.0.2.0/24" or "port 80, user 1000"; the
 * caller frees. */
char *intercept_match_text(const struct intercept_match *s);

#endif
