/* capture_filter.h - what of a host's packets a capture is to take, in the words of
 * pcap-filter(7). Coarse: what else it lets through is left out later. Pure. */
#ifndef WEDGE_SERVICE_CAPTURE_FILTER_H
#define WEDGE_SERVICE_CAPTURE_FILTER_H

#include "proxy/base/addr.h"
#include "proxy/netfilter/intercept_match.h"

/* Every TCP packet, and what ICMP may have to say of one. */
#define CAPTURE_FILTER_ICMP "icmp or icmp6"
#define CAPTURE_FILTER_ALL  "tcp or " CAPTURE_FILTER_ICMP

/* Zero-initialise. What was added stays: the sessions of a proxy that has gone go on. */
struct capture_filter {
	char **term;
	size_t n, room;
};

void capture_filter_free(struct capture_filter *f);

void capture_filter_all(struct capture_filter *f);
/* Connections to that address, or from it; any address and port 0 mean every one. */
void capture_filter_address(struct capture_filter *f, const struct addr *a);
/* A name that is resolved later counts by its port. */
void capture_filter_server(struct capture_filter *f, const struct host_port *server);
void capture_filter_intercept(struct capture_filter *f, const struct intercept_match *intercept);

/* What lets any of them through; the caller frees. */
char *capture_filter_text(const struct capture_filter *f) WG_MUSTUSE;

#endif
