/* nfq.h - the packet plane's backend on Linux: one NFQUEUE queue on the loop, and raw sockets for
 * packets that the kernel didn't make. Knows no connections and no rules. */
#ifndef WEDGE_PACKET_NFQ_H
#define WEDGE_PACKET_NFQ_H

#include "proxy/base/loop.h"
#include "proxy/packet/pkt_tracker.h"

struct nfq;

/* Binds the first free queue number. queue_packets: how many packets may wait in the queue.
 * copy: how much of each packet the kernel hands over. NULL and *e on failure. */
struct nfq *nfq_new(unsigned queue_packets, enum pkt_copy copy, struct err *e) WG_MUSTUSE;

/* Unbinds the queue. Nobody accepts the packets that still wait in it: the caller first removes the
 * rules and frees the tracker. NULL is fine. */
void nfq_free(struct nfq *q);

/* Returns the queue's number, for the rules. */
uint16_t nfq_number(const struct nfq *q);

/* Changes how much of packets is handed over; it holds for packets that are queued from now on. */
void nfq_copy(struct nfq *q, enum pkt_copy copy);

/* The backend for pkt_tracker_new; its argument is the struct nfq. */
extern const struct pkt_backend_ops nfq_ops;

/* Gives the queue's packets to t from now on. */
int nfq_start(struct nfq *q, struct loop *loop, struct pkt_tracker *t, struct err *e) WG_MUSTUSE;

/* Gives every packet that is already in the socket's buffer to the tracker. */
void nfq_read_all(struct nfq *q);

/* Adds the backend's own counters to *out: overflows and errors. */
void nfq_stats(const struct nfq *q, struct pkt_stats *out);

#endif
