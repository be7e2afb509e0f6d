/* intercept_match.h - which connections a proxy takes by rules: what comes in by one interface, or
 * what programs of this host open, for these ports and addresses. Plain data; knows no rules. */
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
	char interface[IFNAMSIZ]; /* "": what this host's own programs open */
	struct port_range ports[INTERCEPT_PORTS_MAX];
	size_t nports; /* 0: every port */
	struct cidr to[INTERCEPT_NETS_MAX];
	size_t nto;    /* 0: every address, IPv4 and IPv6, but this host's own */
	bool one_user; /* this host's own: those of user's programs only */
	uid_t user;
	uint16_t listen; /* the port of the socket that takes them */
};

/* "80", "80,443", "8000-8100,5061"; "" is every port. */
int intercept_match_ports(struct intercept_match *s, const char *text, struct err *e) WG_MUSTUSE;

/* "192.0.2.0/24,2001:db8::1"; "" is every address. Adds to what is there. */
int intercept_match_to(struct intercept_match *s, const char *text, struct err *e) WG_MUSTUSE;

/* A name or a number; "" is everybody. */
int intercept_match_user(struct intercept_match *s, const char *text, struct err *e) WG_MUSTUSE;

/* An interface's name; it must exist only when rules are made. */
int intercept_match_interface(struct intercept_match *s, const char *text,
			      struct err *e) WG_MUSTUSE;

/* Whether connections to that address and port are taken. */
bool intercept_match_covers(const struct intercept_match *s, const struct addr *server);

/* Whether some connection could be meant by both. */
bool intercept_match_overlap(const struct intercept_match *a, const struct intercept_match *b);

/* "eth1, port 80,443, to 192.0.2.0/24" or "port 80, user 1000"; the caller frees. */
char *intercept_match_text(const struct intercept_match *s);

#endif
