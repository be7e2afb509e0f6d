/* forge.h - sends segments that no end has sent: headers without payload, as one of a connection's
 * hosts would send them, down to its IP header. */
#ifndef WEDGE_IMPAIRMENTS_PACKET_PARTS_FORGE_H
#define WEDGE_IMPAIRMENTS_PACKET_PARTS_FORGE_H

#include "proxy/packet/pkt_stage.h"

struct forged {
	enum dir dir; /* of travel, which tells the host that seems to send it */
	uint8_t flags;
	uint32_t seq, ack;
	uint16_t window;
	bool has_timestamp; /* RFC 7323 */
	uint32_t tsval, tsecr;
};

/* Injects the segment, as of a host without a socket for the connection: an RST. It passes no stage
 * (pkt_inject). */
void forge_send(struct pkt_conn *c, const struct forged *f);

/* Injects the segment as of the live socket of the host in whose name the stage acts: f->dir is
 * that host's (pkt_ops.speaks_in), and f->tsval at least what it has sent last; where its clock
 * is known it is what that shows now. */
void forge_send_live(struct pkt_stage *st, const struct forged *f);

/* Answers p by the RST of a host that knows nothing of the connection (RFC 9293 section 3.10.7.1),
 * or not at all when p is an RST itself. Returns whether an RST was sent. */
bool forge_answer(const struct pkt *p);

#endif
