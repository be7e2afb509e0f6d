/* pkt_half.c - sequence numbers only grow (RFC 9293 section 3.4): a retransmission changes counters
 * alone. */
#include "proxy/packet/pkt_half.h"

void pkt_half_reset(struct pkt_half *h)
{
	*h = (struct pkt_half){.wscale = -1};
}

static void track_syn(struct pkt_half *h, const struct tcp_view *v)
{
	h->syn = true;
	h->isn = v->seq;
	h->wscale = v->wscale;
	h->mss = v->mss;
}

void pkt_half_track(struct pkt_half *h, const struct tcp_view *v)
{
	uint32_t end = v->seq + tcp_seq_len(v);

	h->packets++;
	h->bytes += v->payload_len;
	if (v->flags & TCP_RST) {
		h->rst = true;
		return; /* its other fields may be anything (RFC 9293 section 3.5.2) */
	}
	if (v->flags & TCP_SYN)
		track_syn(h, v);
	if (!h->seen || seq_diff(end, h->next) > 0)
		h->next = end;
	h->seen = true;
	if ((v->flags & TCP_ACK) && (!h->ack_seen || seq_diff(v->ack, h->ack) > 0)) {
		h->ack = v->ack;
		h->ack_seen = true;
	}
	h->window = v->window;
	if (v->flags & TCP_FIN)
		h->fin = true;
}
