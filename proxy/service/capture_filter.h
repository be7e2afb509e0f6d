/* capture_filter.h - which of a host's packets a capture takes, in the words of pcap-filter(7).
 * Coarse: packets that it lets through needlessly are left out later. Opens nothing. */
#ifndef WEDGE_SERVICE_CAPTURE_FILTER_H
#define WEDGE_SERVICE_CAPTURE_FILTER_H

#include "proxy/base/addr.h"
#include "proxy/netfilter/intercept_match.h"

/* Every TCP packet, and ICMP, which may report one as undeliverable. */
#define CAPTURE_FILTER_ICMP "icmp or icmp6"
#define CAPTURE_FILTER_ALL  "tcp or " CAPTURE_FILTER_ICMP

/* To be zero-initialised. Terms are never taken out: the sessions of a proxy that is gone go on. */
struct capture_filter {
	char **term;
	size_t n, room;
};

void capture_filter_free(struct capture_filter *f);

/* Adds every TCP packet. */
void capture_filter_all(struct capture_filter *f);

/* Adds the connections to that address, or from it; the any address, and port 0, match every one.
 */
void capture_filter_address(struct capture_filter *f, const struct addr *a);

/* Adds the connections to a server. One with a name, which is resolved later, counts by its port.
 */
void capture_filter_server(struct capture_filter *f, const struct host_port *server);

/* Adds the connections that an intercepting proxy takes. */
void capture_filter_intercept(struct capture_filter *f, const struct intercept_match *intercept);

/* Returns a filter that lets through what any term does, and ICMP; the caller frees. */
char *capture_filter_text(const struct capture_filter *f) WG_MUSTUSE;

#endif
