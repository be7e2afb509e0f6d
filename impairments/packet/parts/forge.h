/* forge.h - segments that no end has sent: headers without payload, as one of a connection's hosts
 * would send them. */
#ifndef WEDGE_IMPAIRMENTS_PACKET_PARTS_FORGE_H
#define WEDGE_IMPAIRMENTS_PACKET_PARTS_FORGE_H

#include "proxy/packet/pkt_stage.h"

struct forged {
	enum dir dir; /* of travel: the host that it pretends to be from */
	uint8_t flags;
	uint32_t seq, ack;
	uint16_t window;
	bool has_timestamp; /* RFC 7323 */
	uint32_t tsval, tsecr;
};

void forge_send(struct pkt_conn *c, const struct forged *f);

/* The RST that a host which knows nothing of the connection answers p with (RFC 9293 section
 * 3.10.7.1); none when p is an RST itself. Returns whether one was sent. */
bool forge_answer(const struct pkt *p);

#endif
