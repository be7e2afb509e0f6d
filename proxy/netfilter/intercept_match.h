/* intercept_match.h - which connections a proxy takes by rules: what comes in by one interface, or
 * what programs of this host open, for these ports and addresses. Plain data; knows no rules. */
#ifndef WEDGE_NETFILTER_INTERCEPT_MATCH_H
#define WEDGE_NETFILTER_INTERCEPT_MATCH_H

#include "proxy/base/addr.h"

#include <net/if.h>
#include <sys/types.h>

enum { TPROXY_PORTS_MAX = 32, TPROXY_NETS_MAX = 32 };

struct port_range {
	uint16_t first, last;
};

struct tproxy_select {
	char interface[IFNAMSIZ]; /* "": what this host's own programs open */
	struct port_range ports[TPROXY_PORTS_MAX];
	size_t nports; /* 0: every port */
	struct cidr to[TPROXY_NETS_MAX];
	size_t nto;    /* 0: every address, IPv4 and IPv6, but this host's own */
	bool one_user; /* this host's own: those of user's programs only */
	uid_t user;
	uint16_t listen; /* the port of the socket that takes them */
};

/* "80", "80,443", "8000-8100,5061"; "" is every port. */
int tproxy_select_ports(struct tproxy_select *s, const char *text, struct err *e) WG_MUSTUSE;

/* "192.0.2.0/24,2001:db8::1"; "" is every address. Adds to what is there. */
int tproxy_select_to(struct tproxy_select *s, const char *text, struct err *e) WG_MUSTUSE;

/* A name or a number; "" is everybody. */
int tproxy_select_user(struct tproxy_select *s, const char *text, struct err *e) WG_MUSTUSE;

/* An interface's name; it must exist only when rules are made. */
int tproxy_select_interface(struct tproxy_select *s, const char *text, struct err *e) WG_MUSTUSE;

/* Whether connections to that address and port are taken. */
bool tproxy_select_matches(const struct tproxy_select *s, const struct addr *server);

/* Whether some connection could be meant by both. */
bool tproxy_select_meet(const struct tproxy_select *a, const struct tproxy_select *b);

/* "eth1, port 80,443, to 192.0.2.0/24" or "port 80, user 1000"; the caller frees. */
char *tproxy_select_text(const struct tproxy_select *s);

#endif
