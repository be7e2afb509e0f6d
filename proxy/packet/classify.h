/* classify.h - whose a packet is: which selection's, which leg's and which way it goes. Changes
 * nothing. */
#ifndef WEDGE_PACKET_CLASSIFY_H
#define WEDGE_PACKET_CLASSIFY_H

#include "proxy/packet/conn_table.h"

/* What is selected, in order: the first that matches has a packet. */
struct pkt_selects {
	struct pkt_select *select;
	size_t n;
};

struct pkt_identity {
	struct pkt_key key;
	const struct pkt_select *select; /* NULL on server legs */
	enum dir dir;
	uint32_t mark; /* server legs: tells the session */
};

/* The selection with a server, or a listener, at that address; NULL: none. */
const struct pkt_select *pkt_selects_find(const struct pkt_selects *s, bool forwarded,
					  const struct addr *a);

/* o->mark is set by the caller. false: nobody's. */
bool pkt_classify(const struct pkt_selects *s, struct conn_table *conns, const struct tcp_view *v,
		  enum pkt_hook hook, struct pkt_identity *o);

/* One that begins a connection. */
static inline bool pkt_is_opening_syn(const struct tcp_view *v)
{
	return (v->flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

#endif
