/* exec_hosts.h - host names inside: the loopback addresses that stand for the host and its
 * nameservers, and the command's private /etc/resolv.conf and /etc/hosts. */
#ifndef WEDGE_EXEC_EXEC_HOSTS_H
#define WEDGE_EXEC_EXEC_HOSTS_H

#include "proxy/base/addr.h"
#include "proxy/exec/root_files.h"

#define EXEC_HOSTS_HOST	   "host.wedge"
#define EXEC_HOSTS_HOST_IP "127.53.0.254"
enum { EXEC_HOSTS_SERVERS_MAX = 3, EXEC_HOSTS_DNS_PORT = 53 }; /* MAXNS of resolv.h */

struct exec_hosts {
	struct addr server[EXEC_HOSTS_SERVERS_MAX]; /* of the host's resolv.conf, port 53 */
	size_t n;
	char *resolv, *hosts; /* texts of the private files; resolv NULL: the host has none */
};

/* Reads the host's files; exec_hosts_fini frees what *n gets. */
void exec_hosts_read(struct exec_hosts *n);
void exec_hosts_fini(struct exec_hosts *n);

/* Puts the address that stands for nameserver i inside into *a. */
void exec_hosts_inner(size_t i, struct addr *a);

/* Mounts the private files, and the copies of root's (NULL: none), over the host's, for which the
 * caller has a mount namespace of its own.
 * -1 with *e: part of them may be mounted. */
int exec_hosts_mount(const struct exec_hosts *n, struct root_files *files,
		     struct err *e) WG_MUSTUSE;

#endif
