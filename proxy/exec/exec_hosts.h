/* exec_hosts.h - the names inside: which loopback addresses stand for the host and its nameservers, and
 * the command's private /etc/resolv.conf and /etc/hosts. */
#ifndef WEDGE_EXEC_EXEC_HOSTS_H
#define WEDGE_EXEC_EXEC_HOSTS_H

#include "proxy/base/addr.h"

#define NAMES_HOST    "host.wedge"
#define NAMES_HOST_IP "127.53.0.254"
enum { NAMES_SERVERS_MAX = 3, NAMES_DNS_PORT = 53 }; /* MAXNS of resolv.h */

struct names {
	struct addr server[NAMES_SERVERS_MAX]; /* of the host's resolv.conf, port 53 */
	size_t n;
	char *resolv, *hosts; /* the private files; resolv NULL: there is none to stand for */
};

/* From this host's files. */
void names_read(struct names *n);
void names_fini(struct names *n);

/* Nameserver i's address inside. */
void names_inner(size_t i, struct addr *a);

/* In a mount namespace of the caller's own: puts the private files in the place of the host's. */
int names_mount(const struct names *n, struct err *e) WG_MUSTUSE;

#endif
