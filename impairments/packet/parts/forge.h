/* forge.h - sends segments that no end has sent: headers without payload, as one of a connection's
 * hosts would send them. */
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

/* Injects the segment. It passes no stage (pkt_inject). */
void forge_send(struct pkt_conn *c, const struct forged *f);

/* Answers p by the RST of a host that knows nothing of the connection (RFC 9293 section 3.10.7.1),
 * or not at all when p is an RST itself. Returns whether an RST was sent. */
bool forge_answer(const struct pkt *p);

#endif
