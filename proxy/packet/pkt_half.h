/* pkt_half.h - what is known of one direction of a TCP connection from its packets, before any
 * stage has touched them. Pure. */
#ifndef WEDGE_PACKET_PKT_HALF_H
#define WEDGE_PACKET_PKT_HALF_H

#include "proxy/packet/tcp_view.h"

struct pkt_half {
	bool seen;     /* a segment with a sequence number has passed */
	bool syn;      /* its SYN has passed: isn, wscale and mss are known */
	uint32_t isn;  /* initial sequence number */
	uint32_t next; /* highest sequence number sent + 1 */
	uint32_t ack;  /* highest acknowledgement number sent */
	bool ack_seen;
	uint16_t window; /* the last window field, unscaled */
	int wscale;	 /* from its SYN; -1: none, or no SYN was seen */
	uint16_t mss;	 /* from its SYN; 0: none */
	bool fin, rst;
	uint64_t packets, bytes; /* bytes of payload; both with retransmissions */
};

/* Forgets all that is known. */
void pkt_half_reset(struct pkt_half *h);

/* Adds one packet of this direction. */
void pkt_half_track(struct pkt_half *h, const struct tcp_view *v);

#endif
