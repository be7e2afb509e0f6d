/* dns.h - DNS over UDP from inside: every datagram goes unchanged to the host's nameserver that its
 * inner address stands for, and answers come back. Reads no DNS. */
#ifndef WEDGE_EXEC_DNS_H
#define WEDGE_EXEC_DNS_H

#include "proxy/exec/exec_hosts.h"
#include "proxy/exec/remote_connector.h"

struct dns;

/* Listens at the inner address of every nameserver. remote and hosts must outlive it. NULL with *e:
 * an address can't be bound. */
struct dns *dns_new(struct loop *loop, struct remote_connector *remote,
		    const struct exec_hosts *hosts, struct err *e) WG_MUSTUSE;
/* Before remote and loop are freed. NULL is fine. */
void dns_free(struct dns *d);

#endif
