/* pkt_marks.h - keeps the packets of a host in line at a stage that acts in that host's name: what
 * was held leaves with the time stamp of the moment at which it leaves, and no IP ID tells of a
 * packet that was held, taken out or added. */
#ifndef WEDGE_PACKET_PKT_MARKS_H
#define WEDGE_PACKET_PKT_MARKS_H

#include "proxy/packet/pkt.h"

/* Of one stage. Zeroed: no packet of the host has come to it. */
struct pkt_marks {
	struct ip_id_shift id;
	bool stamped;  /* came and sent are known */
	uint32_t came; /* the highest TSval that has come to the stage */
	uint32_t sent; /* and the highest that has gone on */
};

/* For the chain, of a packet that the stage's host sends (pkt_stage_speaks): it has come; it goes
 * on at once; the stage has dropped it; holds it; lets a held one go on now. Packets that were cut
 * stay as they are. */
void pkt_marks_come(struct pkt_marks *m, struct pkt *p);
void pkt_marks_pass(struct pkt_marks *m, struct pkt *p);
void pkt_marks_drop(struct pkt_marks *m, const struct pkt *p);
void pkt_marks_hold(struct pkt_marks *m, struct pkt *p);
void pkt_marks_release(struct pkt_marks *m, struct pkt *p, int64_t now);

/* Returns the IP ID of a packet that the stage adds now (ns), in the name of a live socket of that
 * host, and in *tsval, which is left alone when the host has no timestamps, the packet's TSval. */
uint16_t pkt_marks_add(struct pkt_marks *m, const struct pkt_sender *host, int64_t now,
		       uint32_t *tsval);

/* Writes TSecr, if the packet has the option and wasn't cut. */
void pkt_set_tsecr(struct pkt *p, uint32_t tsecr);

#endif
