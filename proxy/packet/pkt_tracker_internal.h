/* pkt_tracker_internal.h - what pkt_tracker.c (connections, verdicts) and pkt_stage.c (the chain)
 * share. Nobody else includes it. */
#ifndef WEDGE_PACKET_PKT_TRACKER_INTERNAL_H
#define WEDGE_PACKET_PKT_TRACKER_INTERNAL_H

#include "proxy/packet/pkt_tracker.h"

/* Sends p through the stages from st on (NULL: none is left) to its verdict, or to who holds it. */
void pkt_chain_run(struct pkt_stage *st, struct pkt *p);

/* p's one verdict; frees p. */
void pkt_tracker_verdict(struct pkt_tracker *pl, struct pkt *p, bool accept);

/* A stage has begun, or ceased, to hold a packet. */
void pkt_tracker_held(struct pkt_tracker *pl, int change);

/* here: to wedge's own socket. */
void pkt_tracker_inject(struct pkt_tracker *pl, const uint8_t *data, size_t len, bool here);

/* A segment that wedge has made for one end: through the stages, then sent. data is copied. */
void pkt_tracker_make(struct pkt_conn *c, enum dir dir, const uint8_t *data, size_t len);

/* Something that was wanted couldn't be done: the run is invalid. */
void pkt_tracker_error(struct pkt_tracker *pl);

/* Drains and frees every stage of a connection. */
void pkt_chain_free(struct pkt_conn *c);

#endif
