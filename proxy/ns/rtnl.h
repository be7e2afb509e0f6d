/* rtnl.h - the few rtnetlink requests that networks of wedge's own are built of, each acknowledged
 * by the kernel. Knows messages, not topologies. */
#ifndef WEDGE_NS_RTNL_H
#define WEDGE_NS_RTNL_H

#include "proxy/base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct mnl_socket;
struct nlmsghdr;

/* A connection to the kernel's network configuration, of the namespace that it was opened in. */
struct rtnl {
	struct mnl_socket *socket;
	uint32_t sequence;
};

/* One end of a veth pair. */
struct rtnl_end {
	const char *name;
	int index; /* interface index, chosen by the caller so that none has to be looked up */
	uint8_t mac[6];
};

/* What TCP is told by a route. All 0: nothing. */
struct rtnl_metrics {
	bool quickack;	     /* acknowledge at once */
	uint32_t rto_min_ms; /* retransmit after that time at the earliest; 0: the kernel's own */
};

/* Opens a connection; -1 with *e. rtnl_close may be called after that, too. */
int rtnl_open(struct rtnl *r, struct err *e) WG_MUSTUSE;
void rtnl_close(struct rtnl *r);

/* Sends one request and waits for its acknowledgement. -1 with *e and errno: the kernel refuses. */
int rtnl_send(struct rtnl *r, struct nlmsghdr *request, struct err *e) WG_MUSTUSE;

/* Has cb (libmnl's: a message, arg) called for every address (RTM_GETADDR) or route (RTM_GETROUTE)
 * of both families. */
int rtnl_dump(struct rtnl *r, uint16_t type, int (*cb)(const struct nlmsghdr *, void *), void *arg,
	      struct err *e) WG_MUSTUSE;

/* Makes a veth pair: here in the socket's own namespace, there in that of the descriptor there_ns.
 * Both ends have the given MTU (bytes), and segments of one MSS (gso_max_segs 1), so that a queue
 * or a capture sees the packets that a wire would carry. */
int rtnl_veth(struct rtnl *r, const struct rtnl_end *here, const struct rtnl_end *there,
	      int there_ns, uint32_t mtu, struct err *e) WG_MUSTUSE;

/* Makes a bridge that forwards at once: no spanning tree, no multicast snooping. Takes MTU and
 * gso_max_segs as rtnl_veth does. */
int rtnl_bridge(struct rtnl *r, const struct rtnl_end *bridge, uint32_t mtu,
		struct err *e) WG_MUSTUSE;

/* Makes an interface a port of a bridge; both are indexes. */
int rtnl_bridge_port(struct rtnl *r, int index, int bridge, struct err *e) WG_MUSTUSE;

/* Brings an interface up, or down. */
int rtnl_up(struct rtnl *r, int index, struct err *e) WG_MUSTUSE;
int rtnl_down(struct rtnl *r, int index, struct err *e) WG_MUSTUSE;

/* Has an interface send no faster than an Ethernet port of that speed, bits a second, below 32
 * Gbit/s: a token bucket (sch_tbf) that counts each frame with its check sum, preamble and gap, and
 * drops what a queue of 1000 full frames (Linux's txqueuelen) has no room for. */
int rtnl_port_speed(struct rtnl *r, int index, uint64_t speed, struct err *e) WG_MUSTUSE;

/* Adds an address (text, IPv4 or IPv6) without a connected route and without duplicate address
 * detection. */
int rtnl_address(struct rtnl *r, int index, const char *ip, uint8_t prefix,
		 struct err *e) WG_MUSTUSE;

/* Adds a route to the network of ip/prefix, through the gateway "via" unless NULL; prefix 0 is the
 * default route. */
int rtnl_route(struct rtnl *r, int index, const char *ip, uint8_t prefix, const char *via,
	       const struct rtnl_metrics *m, struct err *e) WG_MUSTUSE;

/* Adds a permanent neighbour entry: no ARP or neighbour discovery between packets. */
int rtnl_neighbour(struct rtnl *r, int index, const char *ip, const uint8_t mac[6],
		   struct err *e) WG_MUSTUSE;

#endif
