/* addr.h - socket addresses: parse, print, compare. Knows IPv4 and IPv6, resolves no names but
 * those of ports. */
#ifndef WEDGE_BASE_ADDR_H
#define WEDGE_BASE_ADDR_H

#include "proxy/base/err.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

struct addr {
	union {
		struct sockaddr sa;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	};
	socklen_t len;
};

/* Parses "192.0.2.1:80", "[2001:db8::1]:http", or ":80" (any IPv4 and IPv6 address: in6addr_any).
 */
int addr_parse(const char *text, struct addr *a, struct err *e) WG_MUSTUSE;

/* Reads a port by number, 0 too, or by a name that services(5) has for TCP. False when it is none.
 */
bool port_parse(const char *text, uint16_t *port);

/* Parses an address without port ("192.0.2.1", "2001:db8::1"); *a gets the given port. e may be
 * NULL. */
int addr_parse_host(const char *text, uint16_t port, struct addr *a, struct err *e) WG_MUSTUSE;

#define ADDR_TEXT 64
/* Print the address with or without its port; return buf. */
char *addr_format(const struct addr *a, char buf[ADDR_TEXT]);
char *addr_format_host(const struct addr *a, char buf[ADDR_TEXT]);

uint16_t addr_port(const struct addr *a);
void addr_set_port(struct addr *a, uint16_t port);
bool addr_equal(const struct addr *a, const struct addr *b);	  /* family, address and port */
bool addr_equal_host(const struct addr *a, const struct addr *b); /* the same, whatever the ports */
bool addr_is_any(const struct addr *a);
bool addr_is_loopback(const struct addr *a); /* no other host reaches it */
/* Makes the IPv4 address 192.0.2.1 of ::ffff:192.0.2.1, and leaves others as they are. */
void addr_unmap(struct addr *a);

/* A network: "192.0.2.0/24", or a single address. */
struct cidr {
	struct addr base;
	unsigned prefix;
};

int cidr_parse(const char *text, struct cidr *c, struct err *e) WG_MUSTUSE;
bool cidr_contains(const struct cidr *c, const struct addr *a);

/* The two parts of "host:port" or "[v6]:port"; nothing is resolved. */
struct host_port {
	char host[256];
	uint16_t port;
};

/* True for what a host's name can be made of (RFC 1123, and '_', which names of services have): a
 * resolver says whether there is such a host. */
bool host_name_valid(const char *name);

/* A host is a valid name, an IPv4 address, or an IPv6 address in brackets. */
int host_port_parse(const char *text, struct host_port *hp, struct err *e) WG_MUSTUSE;

#endif
