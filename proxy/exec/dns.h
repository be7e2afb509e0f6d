/* dns.h - DNS over UDP from inside: every datagram goes as it is to the host's nameserver that the
 * address stands for, and answers come back. Reads no DNS. */
#ifndef WEDGE_EXEC_DNS_H
#define WEDGE_EXEC_DNS_H

#include "proxy/exec/exec_hosts.h"
#include "proxy/exec/remote_connector.h"

struct dns;

/* Listens at the inner address of every nameserver. */
struct dns *dns_new(struct loop *loop, struct remote_connector *remote,
		    const struct exec_hosts *names, struct err *e) WG_MUSTUSE;
void dns_free(struct dns *d); /* before its remote and its loop; NULL is fine */

#endif
