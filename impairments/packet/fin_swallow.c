/* fin_swallow.c - swallows the FIN of one direction, however often it is sent: a close that never
 * completes. */
#include "impairments/impairment.h"

#include <jansson.h>

struct fin_swallow {
	bool rst;
};

static const struct param params[] = {
    P_FLAG("rst", struct fin_swallow, rst, .def = "no",
	   .help = "RSTs of that direction are lost too"),
    P_END,
};

enum { FLAGS_BYTE = 13 };

static enum pkt_action swallow_packet(struct pkt_stage *st, const struct pkt *p, const char *event)
{
	pkt_stage_event(st, event, "s:I, s:I", "seq", (json_int_t)p->tcp.seq, "len",
			(json_int_t)p->tcp.payload_len);
	return PKT_DROP;
}

static enum pkt_action fin_swallow_packet(struct pkt_stage *st, struct pkt *p)
{
	const struct fin_swallow *cfg = st->cfg;

	if (p->dir != st->dir)
		return PKT_PASS;
	if (p->tcp.flags & TCP_RST)
		return cfg->rst ? swallow_packet(st, p, "rst_swallowed") : PKT_PASS;
	if (!(p->tcp.flags & TCP_FIN))
		return PKT_PASS;
	if (!p->tcp.payload_len || p->cut)
		return swallow_packet(st, p, "fin_swallowed");
	swallow_packet(st, p, "fin_swallowed"); /* but its data goes on */
	p->data[p->tcp.tcp - p->tcp.ip + FLAGS_BYTE] &= (uint8_t)~TCP_FIN;
	pkt_modified(p);
	return PKT_PASS;
}

static const struct pkt_ops ops = {
    .open = pkt_default_open,
    .packet = fin_swallow_packet,
    .timer = pkt_default_timer,
    .update = pkt_default_update,
    .drain = pkt_default_drain,
    .close = pkt_default_close,
};

const struct impairment fin_swallow_impairment = {
    .name = "fin_swallow",
    .summary = "a FIN never arrives: a close that never completes",
    .doc = "The FIN of the given direction is lost, and each time it is sent again. A segment "
	   "that carries data as well arrives without the flag, so that its data is acknowledged "
	   "and the FIN is not. The other end never learns that there is no more to come: after "
	   "its own FIN, which is acknowledged, it stays in FIN-WAIT-2 (Linux: 60 s, or for ever "
	   "while the application keeps the socket); the sender waits in LAST-ACK or FIN-WAIT-1 "
	   "until it gives up. With rst an RST of that direction is lost as well.\n\n"
	   "Nothing is held. A change acts from the next packet on. When it ends, is disabled or "
	   "removed, the FIN arrives when it is sent again. On loopback a segment of full 64 KiB "
	   "with a FIN, which the queue can't change, is lost whole.",
    .params = params,
    .cfg_size = sizeof(struct fin_swallow),
    .packet = &ops,
    .default_leg = IMPAIR_LEG_CLIENT,
    .example = "fin_swallow{direction=downstream}",
};
