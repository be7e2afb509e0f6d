/* ack_window.h - tells which ACKs belong to a window that counts data: those of the data that came
 * inside, whenever they come themselves. Pure. */
#ifndef WEDGE_IMPAIRMENTS_PACKET_PARTS_ACK_WINDOW_H
#define WEDGE_IMPAIRMENTS_PACKET_PARTS_ACK_WINDOW_H

#include "proxy/base/ring.h"
#include "proxy/packet/pkt_stage.h"

/* Zeroed: no data has come, inside or outside. */
struct ack_window {
	struct ring inside; /* data that came inside and whose ACK hasn't gone on */
	bool other;	    /* data came outside, too */
	bool acked_seen;
	uint32_t acked; /* highest acknowledgement number that has come */
};

/* The window of st opens. */
void ack_window_open(struct ack_window *w, const struct pkt_stage *st);

/* A packet of the data's sender has come. */
void ack_window_data(struct ack_window *w, const struct pkt_stage *st, const struct tcp_view *v);

/* A pure ACK of the data has come. Returns whether it belongs to the window: it is the first to
 * acknowledge data from inside, or acknowledges nothing new while the window is open. */
bool ack_window_has(struct ack_window *w, const struct pkt_stage *st, const struct tcp_view *v);

/* A segment of the data's receiver has gone on. */
void ack_window_sent(struct ack_window *w, const struct tcp_view *v);

/* Returns whether ACKs of data from inside are still to come, or to go on. */
static inline bool ack_window_awaits(const struct ack_window *w)
{
	return w->inside.n;
}

void ack_window_fini(struct ack_window *w);

#endif
