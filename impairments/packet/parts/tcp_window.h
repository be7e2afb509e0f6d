/* tcp_window.h - rewrites advertised windows, or their scale, and announces the true window in the
 * end. */
#ifndef WEDGE_IMPAIRMENTS_PACKET_PARTS_TCP_WINDOW_H
#define WEDGE_IMPAIRMENTS_PACKET_PARTS_TCP_WINDOW_H

#include "proxy/packet/pkt_stage.h"

/* Returns by how many bits the windows are shifted that the sender in dir advertises: as its SYN
 * says when both SYNs had the option (RFC 7323 section 2.2), else 0. -1: a SYN was not seen. */
int tcp_window_shift(const struct pkt_conn *c, enum dir dir);

/* Sets the shift count of the window scale option of p, a SYN. Returns whether it has one and is
 * there as a whole. */
bool tcp_window_set_shift(struct pkt *p, uint8_t shift);

/* The true content of one host's rewritten segments. Zeroed: none was rewritten. */
struct tcp_window_truth {
	bool acked; /* ack is set; that of a SYN isn't */
	uint64_t segments;
	struct tcp_view last; /* without its pointers */
	uint32_t next, ack;   /* highest sequence number + 1, highest acknowledgement number */
};

/* Writes field to the header's window and remembers the true one. A packet that was cut stays as it
 * is. Returns whether this is the first rewritten segment. */
bool tcp_window_rewrite(struct tcp_window_truth *w, struct pkt *p, uint16_t field);

/* Tells the data's sender the true window, in the name of the host whose segments were rewritten,
 * and zeroes *w. Nothing is sent where it couldn't matter: no segment was rewritten, the true
 * window is 0, the connection is over or has vanished. Returns whether an announcement was sent. */
bool tcp_window_announce(struct tcp_window_truth *w, struct pkt_stage *st);

#endif
