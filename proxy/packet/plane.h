/* plane.h - the packet plane: queued packets in, connections found, stages run, one verdict each
 * out. Where the packets come from is a backend's business (nfq.h, or a rig in unit tests). */
#ifndef WEDGE_PACKET_PLANE_H
#define WEDGE_PACKET_PLANE_H

#include "proxy/packet/pkt_stage.h"

/* Counted by the plane and its backend. A run with overflows or errors is invalid: a lab that
 * silently loses packets lies. */
struct pkt_stats {
	uint64_t received, accepted, dropped, modified, injected; /* packets; verdicts given */
	uint64_t held_now, held_total;
	uint64_t unparsed, foreign; /* accepted untouched: no TCP; no connection of ours */
	uint64_t overflows;	    /* ENOBUFS on the netlink socket, queue drops told by the kernel */
	uint64_t errors;	    /* verdicts that the kernel refused */
	uint64_t connections;
};

/* Called for every new connection, before its first packet meets the stages: attach them here. */
struct pkt_hooks {
	void (*open)(void *arg, struct pkt_conn *c);
	void (*close)(void *arg, struct pkt_conn *c); /* the connection is being forgotten */
	void *arg;
};

#endif
