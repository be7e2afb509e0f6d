/* syn_drop.c - drops SYNs or SYN-ACKs, or refuses SYNs. */
#include "impairments/impairment.h"
#include "impairments/packet/parts/forge.h"
#include "impairments/packet/parts/tcp_handshake.h"

#include <jansson.h>

enum action { ACTION_DROP, ACTION_RST };

struct syn_drop {
	uint64_t first;
	int action;
	bool syn_ack;
};

static const char *const action_names[] = {"drop", "rst", NULL};

static const struct param params[] = {
    P_COUNT("first", struct syn_drop, first, .def = "0", .max = "1000",
	    .help = "the first so many of each attempt to connect, those sent again counted too; "
		    "0 is all of them"),
    P_ENUM("action", struct syn_drop, action, action_names, .def = "drop",
	   .help = "drop: silence; rst: the client gets an RST, as from a port where nobody "
		   "listens"),
    P_FLAG("syn_ack", struct syn_drop, syn_ack, .def = "no",
	   .help = "let SYNs pass and drop the SYN-ACKs that answer them"),
    P_END,
};

struct state {
	bool seen;
	uint32_t isn; /* of the attempt */
	uint64_t n;   /* segments of the attempt that were dropped */
};

static int syn_drop_check(const void *config, struct err *e)
{
	const struct syn_drop *cfg = config;

	if (cfg->syn_ack && cfg->action == ACTION_RST)
		return err_set(e, "action=rst answers a SYN, and with syn_ack every SYN passes");
	return 0;
}

static enum pkt_action syn_drop_packet(struct pkt_stage *st, struct pkt *p)
{
	struct state *s = pkt_stage_state(st);
	const struct syn_drop *cfg = st->cfg;

	if (!(cfg->syn_ack ? tcp_handshake_is_syn_ack(p) : tcp_handshake_is_syn(p)) ||
	    tcp_handshake_is_twin(st))
		return PKT_PASS;
	if (!s->seen || s->isn != p->tcp.seq)
		*s = (struct state){.seen = true, .isn = p->tcp.seq};
	if (cfg->first && s->n >= cfg->first)
		return PKT_PASS;
	s->n++;
	pkt_stage_event(st, cfg->syn_ack ? "syn_ack_dropped" : "syn_dropped", "s:I, s:I, s:s",
			"seq", (json_int_t)p->tcp.seq, "number", (json_int_t)s->n, "action",
			action_names[cfg->action]);
	if (cfg->action == ACTION_RST)
		forge_answer(p);
	return PKT_DROP;
}

static const struct pkt_ops ops = {
    .state_size = sizeof(struct state),
    .headers_only = true,
    .open = pkt_default_open,
    .packet = syn_drop_packet,
    .timer = pkt_default_timer,
    .update = pkt_default_update,
    .drain = pkt_default_drain,
    .close = pkt_default_close,
};

/* SYNs come from the client, SYN-ACKs from the server. */
static enum dir syn_drop_acts_in(const void *cfg)
{
	return ((const struct syn_drop *)cfg)->syn_ack ? DIR_DOWNSTREAM : DIR_UPSTREAM;
}

const struct impairment syn_drop_impairment = {
    .name = "syn_drop",
    .summary = "connections that can't be opened: SYNs or SYN-ACKs vanish, or SYNs are refused",
    .impersonates = "the network, or a server with a full backlog, which says nothing; with "
		    "action=rst the server's host at a port where nobody listens: the RST has its "
		    "hop limit, traffic class and kind of IP ID",
    .doc = "SYNs never arrive: the client sends them again, more slowly each time, until one "
	   "passes or it gives up. With syn_ack the SYN arrives and its answer doesn't: client "
	   "and server both send again. With action=rst the SYN never arrives either, and the "
	   "client gets an RST at once. A connection that is open is never touched.\n\n"
	   "With a probability below 100% per session, it is decided once for each pair of "
	   "addresses and ports: what has failed fails again when it is tried from the same "
	   "port, while another port may fare better. first is counted anew for each attempt, "
	   "which a new initial sequence number tells. A handshake has no direction of data: "
	   "any direction acts the same, and only says whose packets a window counts; without "
	   "one they are the client's, with syn_ack the server's. No window can begin behind "
	   "the handshake, so after is refused, and so are bytes.\n\n"
	   "Nothing is held. A change acts from the next SYN on and keeps the count; disabled "
	   "or removed, everything passes, so the client's next SYN connects.",
    .params = params,
    .cfg_size = sizeof(struct syn_drop),
    .check = syn_drop_check,
    .packet = &ops,
    .window = IMPAIR_WINDOW_HANDSHAKE,
    .acts_in = syn_drop_acts_in,
    .default_leg = IMPAIR_LEG_CLIENT,
    .example = "syn_drop{first=2}",
};
