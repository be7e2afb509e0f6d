/* classify.h - whose a packet is: which proxy's, which leg's, and which way it goes. Changes
 * nothing. */
#ifndef WEDGE_PACKET_CLASSIFY_H
#define WEDGE_PACKET_CLASSIFY_H

#include "proxy/packet/conn_table.h"

struct pkt_identity {
	struct pkt_key key;
	const struct pkt_select *select; /* NULL on server legs */
	enum dir dir;			 /* of travel */
	uint32_t mark;			 /* of the socket: on server legs it tells the session */
};

/* Fills *id; the caller has set id->mark. false: the packet is no proxy's. */
bool pkt_classify(const struct pkt_selects *s, struct conn_table *conns, const struct tcp_view *v,
		  enum pkt_hook hook, struct pkt_identity *id);

/* Returns whether the packet asks for a connection. */
static inline bool pkt_is_opening_syn(const struct tcp_view *v)
{
	return (v->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

#endif
