/* pkt_sender.h - what a host's packets look like on one connection besides their TCP numbers: hop
 * limit, traffic class, IP ID, clock. Read before any stage has touched them, so that what wedge
 * makes or changes in that host's name looks the same. Pure. */
#ifndef WEDGE_PACKET_PKT_SENDER_H
#define WEDGE_PACKET_PKT_SENDER_H

#include "proxy/packet/ip_id.h"
#include "proxy/packet/ip_marks.h"
#include "proxy/packet/sender_clock.h"

/* Zeroed: nothing is known. */
struct pkt_sender {
	bool seen;	       /* the marks are known */
	struct ip_marks marks; /* of the host's last packet; id is not used */
	struct ip_id_counter id;
	struct sender_clock clock;
	uint16_t *stray_id; /* the host's next ID outside of connections; NULL: not known */
};

/* Notes a packet of the host that came at the time now (ns). mss as in ip_id_note. An RST may be
 * another's work, or no socket's, and tells nothing. */
void pkt_sender_note(struct pkt_sender *s, const struct tcp_view *v, int64_t now, uint16_t mss);

/* Returns the marks of a packet without payload that one of the host's sockets sends; the caller
 * sets the ID. unknown: what they are as long as no packet was seen. */
struct ip_marks pkt_sender_marks(const struct pkt_sender *s, struct ip_marks unknown);

/* Returns those of a packet that belongs to no socket of the host any more: an RST. A host that
 * counts its IDs goes on with the connection's. */
struct ip_marks pkt_sender_marks_socketless(const struct pkt_sender *s, struct ip_marks unknown);

/* Returns those of a packet of a host that knows nothing of the connection, has been rebooted or
 * refuses it: one that counts its IDs counts *s->stray_id on. */
struct ip_marks pkt_sender_marks_stray(const struct pkt_sender *s, struct ip_marks unknown);

#endif
