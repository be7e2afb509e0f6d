/* fin_swallow.c - swallows the FIN of one direction, however often it is sent: a close that never
 * completes. */
#include "impairments/impairment.h"
#include "proxy/base/byteorder.h"

#include <jansson.h>

struct fin_swallow {
	bool rst;
};

static const struct param params[] = {
    P_FLAG("rst", struct fin_swallow, rst, .def = "no",
	   .help = "RSTs of that direction are lost too"),
    P_END,
};

/* The sender counts a FIN that nobody has seen: its sequence number is one too high from there on.
 */
struct state {
	bool swallowed;
	uint32_t fin; /* its sequence number */
	bool has_acked;
	uint32_t acked; /* the last acknowledgement number that went on */
};

enum { SEQ_BYTE = 4, FLAGS_BYTE = 13 };

static enum pkt_action swallow_packet(struct pkt_stage *st, const struct pkt *p, const char *event)
{
	pkt_stage_event(st, event, "s:I, s:I", "seq", (json_int_t)p->tcp.seq, "len",
			(json_int_t)p->tcp.payload_len);
	return PKT_DROP;
}

static void note_ack(struct state *s, const struct pkt *p)
{
	s->has_acked |= p->tcp.flags & TCP_ACK;
	s->acked = p->tcp.ack;
}

/* Whether a FIN's segment is also the sender's first word about what the other end has sent. The
 * kernel of a host whose application never closes says that word in an ACK. */
static bool acks_anew(const struct state *s, const struct pkt *p)
{
	return (p->tcp.flags & TCP_ACK) && !(s->has_acked && s->acked == p->tcp.ack);
}

/* A segment behind a FIN that was never sent. */
static void hide_fin(const struct state *s, struct pkt *p)
{
	uint8_t to[4];

	if (!s->swallowed || p->tcp.payload_len || p->tcp.seq != s->fin + 1 || p->cut)
		return;
	put_be32(to, s->fin);
	pkt_patch(p, p->tcp.tcp + SEQ_BYTE, to, sizeof(to));
}

static enum pkt_action fin_swallow_packet(struct pkt_stage *st, struct pkt *p)
{
	const struct fin_swallow *cfg = st->cfg;
	struct state *s = pkt_stage_state(st);
	uint8_t flags;

	if (p->dir != st->dir)
		return PKT_PASS;
	if ((p->tcp.flags & TCP_RST) && cfg->rst)
		return swallow_packet(st, p, "rst_swallowed");
	if ((p->tcp.flags & TCP_RST) || !(p->tcp.flags & TCP_FIN)) {
		hide_fin(s, p);
		note_ack(s, p);
		return PKT_PASS;
	}
	s->swallowed = true;
	s->fin = p->tcp.seq + p->tcp.payload_len;
	if ((!p->tcp.payload_len && !acks_anew(s, p)) || p->cut)
		return swallow_packet(st, p, "fin_swallowed");
	swallow_packet(st, p, "fin_swallowed"); /* but its data and its acknowledgement go on */
	note_ack(s, p);
	flags = p->tcp.tcp[FLAGS_BYTE] & (uint8_t)~TCP_FIN;
	pkt_patch(p, p->tcp.tcp + FLAGS_BYTE, &flags, 1);
	return PKT_PASS;
}

static const struct pkt_ops ops = {
    .state_size = sizeof(struct state),
    .speaks_in = pkt_as_sender,
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
    .impersonates =
	"the host that sends the data, and whose application never closes: a FIN leaves no hole in "
	"its IP IDs, and later segments have the sequence number that the FIN would have had",
    .doc = "The FIN of the given direction is lost, and each time it is sent again. A segment "
	   "that carries data as well, or acknowledges what wasn't before, arrives without the "
	   "flag, so "
	   "that its data is acknowledged and the FIN is not. The other end never learns that "
	   "there is no more to come: after "
	   "its own FIN, which is acknowledged, it stays in FIN-WAIT-2 (Linux: 60 s, or for ever "
	   "while the application keeps the socket); the sender waits in LAST-ACK or FIN-WAIT-1 "
	   "until it gives up. With rst an RST of that direction is lost as well. What the sender "
	   "says behind its FIN has the FIN's sequence number, as if it had not been sent.\n\n"
	   "Nothing is held. A change acts from the next packet on. When it ends, is disabled or "
	   "removed, the FIN arrives when it is sent again. On loopback a segment of full 64 KiB "
	   "with a FIN, which the queue can't change, is lost whole.",
    .params = params,
    .cfg_size = sizeof(struct fin_swallow),
    .packet = &ops,
    .default_leg = IMPAIR_LEG_CLIENT,
    .example = "fin_swallow{direction=downstream}",
};
