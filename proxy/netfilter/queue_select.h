/* queue_select.h - which packets go to the queue, as plain data. Knows no rules, and nobody who
 * reads the packets. */
#ifndef WEDGE_NETFILTER_QUEUE_SELECT_H
#define WEDGE_NETFILTER_QUEUE_SELECT_H

#include "proxy/netfilter/intercept_match.h"

/* The packets of one proxy. Connections are at its listener unless forwarded or transparent is set;
 * never are both. */
struct queue_select {
	bool forwarded;	  /* wedge doesn't terminate them: addr is their server's */
	bool transparent; /* intercept selects them, and addr counts for nothing */
	bool redirected;  /* rules redirect connections of this host, those that intercept selects,
			     to the listener: the rules also take their SYNs on the way out, which
			     still have the original destination */
	bool syns_only;	  /* only the clients' SYNs and RSTs */
	bool icmp;	  /* also ICMP "destination unreachable" */

	/* The listener (for both legs of its sessions), or the server. An "any" address is every
	 * address of its family, and that of IPv6 includes IPv4. Port 0 is every port, of a server
	 * with an address only. */
	struct addr addr;
	struct intercept_match intercept;
};

/* Returns whether one of n selections needs each packet of wedge's own sockets. */
bool queue_select_has_own_sockets(const struct queue_select *select, size_t n);

/* Returns whether one of n selections needs ICMP. */
bool queue_select_has_icmp(const struct queue_select *select, size_t n);

#endif
