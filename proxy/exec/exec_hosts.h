/* exec_hosts.h - the names inside: which loopback addresses stand for the host and its nameservers,
 * and the command's private /etc/resolv.conf and /etc/hosts. */
#ifndef WEDGE_EXEC_EXEC_HOSTS_H
#define WEDGE_EXEC_EXEC_HOSTS_H

#include "proxy/base/addr.h"

#define EXEC_HOSTS_HOST	   "host.wedge"
#define EXEC_HOSTS_HOST_IP "127.53.0.254"
enum { EXEC_HOSTS_SERVERS_MAX = 3, EXEC_HOSTS_DNS_PORT = 53 }; /* MAXNS of resolv.h */

struct exec_hosts {
	struct addr server[EXEC_HOSTS_SERVERS_MAX]; /* of the host's resolv.conf, port 53 */
	size_t n;
	char *resolv, *hosts; /* the private files; resolv NULL: there is none to stand for */
};

/* From this host's files. */
void exec_hosts_read(struct exec_hosts *n);
void exec_hosts_fini(struct exec_hosts *n);

/* Nameserver i's address inside. */
void exec_hosts_inner(size_t i, struct addr *a);

/* In a mount namespace of the caller's own: puts the private files in the place of the host's. */
int exec_hosts_mount(const struct exec_hosts *n, struct err *e) WG_MUSTUSE;

#endif
