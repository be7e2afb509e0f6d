/* tcp_window.h - what impairments that rewrite advertised windows share: the rewriting, and the
 * announcement of the true one at their end. */
#ifndef WEDGE_IMPAIRMENTS_PACKET_PARTS_TCP_WINDOW_H
#define WEDGE_IMPAIRMENTS_PACKET_PARTS_TCP_WINDOW_H

#include "proxy/packet/pkt_stage.h"

/* By how many bits the windows of who sends in dir are shifted: as its SYN says when both SYNs had
 * the option (RFC 7323 section 2.2), else 0. -1: not known, for a SYN was not seen. */
int tcp_window_shift(const struct pkt_conn *c, enum dir dir);

/* The truth behind the rewritten segments of one host. Zeroed: there are none. */
struct tcp_window_truth {
	bool acked; /* ack is set: a SYN has none */
	uint64_t segments;
	struct tcp_view last; /* but for its pointers */
	uint32_t next, ack;   /* highest sequence number + 1, highest acknowledgement number */
};

/* Writes the field as it is to be in the header, and remembers what it was. Returns whether it is
 * the first time; a packet that was cut stays as it is. */
bool tcp_window_rewrite(struct tcp_window_truth *w, struct pkt *p, uint16_t field);

/* Tells the data's sender the true window, in the name of the host that last said another, and
 * begins anew. Nothing is sent where that couldn't matter: none was rewritten, it was 0, the
 * connection is over or has vanished. Returns whether it was sent. */
bool tcp_window_announce(struct tcp_window_truth *w, struct pkt_stage *st);

#endif
