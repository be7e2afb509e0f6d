/* syn_hold.h - clients that ask for a connection: a SYN is kept until somebody knows whether its
 * server can be reached, and then let in, refused, or forgotten. What pkt_tracker.c needs of
 * syn_hold.c. */
#ifndef WEDGE_PACKET_SYN_HOLD_H
#define WEDGE_PACKET_SYN_HOLD_H

#include "proxy/packet/conn_table.h"

/* p has passed its connection's stages. true: it is a SYN that is kept now, or has its verdict. */
bool syn_hold_take(struct pkt *p);

/* Whether the entry's clients are to be asked about, so that its SYNs must be seen. */
bool syn_hold_wants(const struct pkt_entry *en, const struct tcp_view *v);

/* The connection is about to be forgotten: a SYN that is kept goes on. */
void syn_hold_forget(struct pkt_entry *en);

#endif
