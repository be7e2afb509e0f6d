/* accept_queue_full.c - ignores the handshake's third segment: the client believes that it is
 * connected, the server goes on sending its SYN-ACK. */
#include "impairments/impairment.h"
#include "impairments/packet/parts/tcp_handshake.h"

#include <jansson.h>

struct accept_queue_full {
	uint64_t after_retries;
};

static const struct param params[] = {
    P_COUNT("after_retries", struct accept_queue_full, after_retries, .def = "0", .max = "255",
	    .help = "the queue has room again when the server has sent its SYN-ACK so many times "
		    "more; 0 is never (Linux sends 5 more, tcp_synack_retries)"),
    P_END,
};

struct state {
	bool begun;	/* the attempt's SYN was seen */
	bool pending;	/* no segment has made the connection yet */
	bool answered;	/* a SYN-ACK of this attempt was seen */
	uint32_t isn;	/* of the attempt */
	uint64_t again; /* how often the server has sent its SYN-ACK again */
};

/* On a connection that is under way, a client that has sent nothing but SYNs is still in its
 * handshake. */
static void accept_queue_full_open(struct pkt_stage *st)
{
	const struct pkt_half *up = &st->conn->half[DIR_UPSTREAM];
	struct state *s = pkt_stage_state(st);

	if (!s->begun && up->seen)
		*s = (struct state){.begun = true,
				    .pending = !up->ack_seen,
				    .answered = st->conn->half[DIR_DOWNSTREAM].seen,
				    .isn = up->isn};
}

/* Tracks the attempt, and returns whether p is a packet that a full queue ignores. */
static bool is_ignored(struct state *s, const struct pkt *p)
{
	if (tcp_handshake_is_syn(p)) {
		if (!s->begun || s->isn != p->tcp.seq)
			*s = (struct state){.begun = true, .pending = true, .isn = p->tcp.seq};
		return false;
	}
	if (tcp_handshake_is_syn_ack(p)) {
		s->again += s->answered;
		s->answered = true;
		return false;
	}
	return s->pending && p->dir == DIR_UPSTREAM && !(p->tcp.flags & TCP_RST);
}

static enum pkt_action accept_queue_full_packet(struct pkt_stage *st, struct pkt *p)
{
	const struct accept_queue_full *cfg = st->cfg;
	struct state *s = pkt_stage_state(st);

	if (tcp_handshake_is_twin(st) || !is_ignored(s, p))
		return PKT_PASS;
	if (cfg->after_retries && s->again >= cfg->after_retries) {
		pkt_stage_event(st, "queue_has_room", "s:I", "syn_acks_again",
				(json_int_t)s->again);
		s->pending = false;
		return PKT_PASS;
	}
	pkt_stage_event(st, "segment_ignored", "s:I, s:I, s:I", "seq", (json_int_t)p->tcp.seq,
			"ack", (json_int_t)p->tcp.ack, "len", (json_int_t)p->tcp.payload_len);
	return PKT_DROP;
}

/* A packet that passes while the stage doesn't act makes the connection. */
static enum pkt_action accept_queue_full_idle(struct pkt_stage *st, struct pkt *p)
{
	struct state *s = pkt_stage_state(st);

	if (is_ignored(s, p))
		s->pending = false;
	return PKT_PASS;
}

static const struct pkt_ops ops = {
    .state_size = sizeof(struct state),
    .headers_only = true,
    .speaks_in = pkt_as_server,
    .open = accept_queue_full_open,
    .packet = accept_queue_full_packet,
    .idle = accept_queue_full_idle,
    .timer = pkt_default_timer,
    .update = pkt_default_update,
    .drain = pkt_default_drain,
    .close = pkt_default_close,
};

/* What the client sends is ignored. */
static enum dir accept_queue_full_acts_in(const void *cfg)
{
	(void)cfg;
	return DIR_UPSTREAM;
}

const struct impairment accept_queue_full_impairment = {
    .name = "accept_queue_full",
    .summary = "the handshake's third segment never counts, as when a server's queue is full",
    .impersonates =
	"the server's kernel, which ignores what it gets; all that comes from it it sends itself",
    .doc = "The client's SYN and the server's SYN-ACK pass, so the client believes that it is "
	   "connected. What it sends then never arrives, as Linux ignores it when the queue of "
	   "accept() is full: the ACK that ends the handshake, data, which carries it too, and "
	   "a FIN. The server stays in SYN_RECV and sends its SYN-ACK again; the client "
	   "answers each and sends its data again. What passes: SYNs, whatever the server "
	   "sends, and RSTs, so a client that aborts is forgotten there.\n\n"
	   "With after_retries the queue has room again when the server has sent so many SYN- "
	   "ACKs more: the client's next segment makes the connection. Without, a server that "
	   "has sent its last SYN-ACK forgets the attempt, and the client waits for ever. "
	   "Connections whose handshake is over when it begins to act are never touched. A "
	   "handshake has no direction of data: any direction acts the same, and only says "
	   "whose packets a window counts; without one they are the client's. No window can "
	   "begin behind the handshake, so after is refused, and so are bytes.\n\n"
	   "Nothing is held. A change acts from the next segment on and keeps the count; when "
	   "it is disabled or removed, everything passes from then on: the client's next "
	   "segment makes the connection, or gets an RST from a server that has forgotten it.",
    .params = params,
    .cfg_size = sizeof(struct accept_queue_full),
    .packet = &ops,
    .window = IMPAIR_WINDOW_HANDSHAKE,
    .acts_in = accept_queue_full_acts_in,
    .default_leg = IMPAIR_LEG_CLIENT,
    .example = "accept_queue_full{after_retries=2}",
};
