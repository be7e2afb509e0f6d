/* nfq.h - the packet plane's backend on Linux: one NFQUEUE queue on the loop, raw sockets for what
 * the kernel didn't make. Knows no connections and no rules. */
#ifndef WEDGE_PACKET_NFQ_H
#define WEDGE_PACKET_NFQ_H

#include "proxy/base/loop.h"
#include "proxy/packet/pkt_tracker.h"

struct nfq;

/* Binds the first free queue number; queue_packets may wait in it. headers_only: packets are handed
 * over cut after their headers. NULL and *e on failure. */
struct nfq *nfq_new(unsigned queue_packets, bool headers_only, struct err *e) WG_MUSTUSE;
void nfq_free(struct nfq *q); /* what the kernel still holds for the queue is accepted by nobody:
				 take the rules away and free the plane first */

uint16_t nfq_number(const struct nfq *q);

/* Changes what nfq_new was told. */
void nfq_headers_only(struct nfq *q, bool headers_only);

/* What to make the plane with; the argument is the struct nfq. */
extern const struct pkt_backend_ops nfq_ops;

/* From now on the queue's packets go to t. */
int nfq_start(struct nfq *q, struct loop *loop, struct pkt_tracker *t, struct err *e) WG_MUSTUSE;

/* Hands every packet to the plane that is already in the socket's buffer. */
void nfq_read_all(struct nfq *q);

/* Adds the backend's own counters: overflows, refused verdicts. */
void nfq_stats(const struct nfq *q, struct pkt_stats *out);

#endif
