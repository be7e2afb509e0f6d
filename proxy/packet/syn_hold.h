/* syn_hold.h - deferred accept: a client's SYN is held until somebody knows whether its server can
 * be reached, and then goes on to the listener, is refused, or is dropped. Tries no server and
 * knows no session. */
#ifndef WEDGE_PACKET_SYN_HOLD_H
#define WEDGE_PACKET_SYN_HOLD_H

#include "proxy/packet/pkt_stage.h"

/* The fates of a client whose SYN is held. */
enum syn_answer {
	SYN_LET_IN,  /* the SYN goes on to the listener */
	SYN_REFUSE,  /* the client gets an RST, as from a closed port */
	SYN_SILENCE, /* the SYN is dropped; when the client sends it again, it is held again */
};

/* Answers the held SYN; does nothing when there is none any more. Clears c->pending, unless the
 * answer is SYN_LET_IN: then the connection is pending until it is accepted. */
void syn_hold_answer(struct pkt_conn *c, enum syn_answer a);

/* Answers the held SYN, if there is one, with ICMP "destination unreachable" of that code from the
 * host from (unreachable.h), and drops it. Clears c->pending. */
void syn_hold_answer_unreachable(struct pkt_conn *c, const struct addr *from, uint8_t code);

/* For the tracker: p has passed its connection's stages. true: it is held now, or has got its
 * verdict. */
bool syn_hold_take(struct pkt *p);

/* For the tracker: returns whether a packet of c is for syn_hold_take: a SYN, or an RST,
 * while no socket of wedge's knows of the connection. */
bool syn_hold_wants(struct pkt_conn *c, const struct tcp_view *v);

/* For the tracker: c is about to be forgotten; a held SYN goes on to the listener. */
void syn_hold_forget(struct pkt_conn *c);

#endif
