/* vanish.c - lets nothing pass any more, in either direction: no data, no FIN, no RST. A dead host,
 * a forgotten NAT entry. */
#include "impairments/impairment.h"
#include "impairments/packet/parts/forge.h"

#include <jansson.h>

enum then { THEN_RESUME, THEN_FORGET };

struct vanish {
	bool new_connections;
	int then;
};

static const char *const then_names[] = {"resume", "forget", NULL};

static const struct param params[] = {
    P_FLAG("new_connections", struct vanish, new_connections, .def = "no",
	   .help = "while any connection is vanished, SYNs of all others vanish too: a dead host, "
		   "not a forgotten NAT entry"),
    P_ENUM("then", struct vanish, then, then_names, .def = "resume",
	   .help = "when it ends: the connections go on, or are forgotten, as by a host that was "
		   "rebooted: what still comes for them is answered by RST"),
    P_END,
};

/* The state across all connections of the instance. */
struct shared {
	uint64_t vanished; /* stages that act */
};

struct state {
	uint64_t packets; /* swallowed since the stage began to act */
	bool forgotten;
};

static void vanish_open(struct pkt_stage *st)
{
	struct state *s = pkt_stage_state(st);
	struct shared *all = st->shared;

	*s = (struct state){.packets = 0};
	all->vanished++;
	st->conn->vanished++;
	pkt_stage_note(st, "vanished", NULL);
}

static enum pkt_action vanish_packet(struct pkt_stage *st, struct pkt *p)
{
	struct state *s = pkt_stage_state(st);

	(void)p;
	s->packets++;
	return PKT_DROP;
}

static bool is_syn(const struct pkt *p)
{
	return (p->tcp.flags & (TCP_SYN | TCP_ACK)) == TCP_SYN;
}

static enum dir dir_to_own(const struct pkt_conn *c)
{
	return c->leg == LEG_CLIENT ? DIR_UPSTREAM : DIR_DOWNSTREAM;
}

/* On a terminated session wedge's own socket stands for the host that has forgotten the connection.
 * Resets it, where what travels in that direction comes to it, unseen on the wire, so that the
 * session ends. */
static void reset_own_socket(struct pkt_stage *st, enum dir in)
{
	const struct pkt_half *own = &st->conn->half[dir_reverse(in)];
	const struct forged f = {.dir = in, .flags = TCP_RST, .seq = own->ack};

	if (!st->conn->forwarded && in == dir_to_own(st->conn) && own->ack_seen)
		forge_send(st->conn, &f);
}

/* Answers a segment of a forgotten connection. Only a SYN makes a new one. */
static enum pkt_action stale_packet(struct pkt_stage *st, const struct pkt *p)
{
	struct state *s = pkt_stage_state(st);

	if (is_syn(p)) {
		s->forgotten = false;
		return PKT_PASS;
	}
	if (!forge_answer(p))
		return PKT_DROP;
	reset_own_socket(st, p->dir);
	pkt_stage_event(st, "stale_answered", "s:s, s:I", "from",
			p->dir == DIR_UPSTREAM ? "client" : "server", "seq",
			(json_int_t)p->tcp.ack);
	return PKT_DROP;
}

static enum pkt_action vanish_idle(struct pkt_stage *st, struct pkt *p)
{
	const struct state *s = pkt_stage_state(st);
	const struct vanish *cfg = st->cfg;
	const struct shared *all = st->shared;

	if (cfg->new_connections && all->vanished && is_syn(p)) {
		pkt_stage_event(st, "syn_vanished", NULL);
		return PKT_DROP;
	}
	/* Another stage may still let nothing pass, not even an answer. */
	return s->forgotten && !st->conn->vanished ? stale_packet(st, p) : PKT_PASS;
}

/* The socket of a session that was silent still has the 4-tuple, and would answer the SYN. */
static void vanish_replaced(struct pkt_stage *st)
{
	const struct state *s = pkt_stage_state(st);

	if (s->forgotten)
		reset_own_socket(st, DIR_UPSTREAM);
}

static void vanish_drain(struct pkt_stage *st)
{
	struct state *s = pkt_stage_state(st);
	const struct vanish *cfg = st->cfg;
	struct shared *all = st->shared;

	all->vanished--;
	st->conn->vanished--;
	s->forgotten = cfg->then == THEN_FORGET;
	pkt_stage_event(st, s->forgotten ? "forgotten" : "resumed", "s:I", "packets",
			(json_int_t)s->packets);
}

static const struct pkt_ops ops = {
    .state_size = sizeof(struct state),
    .headers_only = true,
    .open = vanish_open,
    .packet = vanish_packet,
    .idle = vanish_idle,
    .timer = pkt_default_timer,
    .update = pkt_default_update,
    .drain = vanish_drain,
    .replaced = vanish_replaced,
    .close = pkt_default_close,
};

static bool vanish_shares(const void *cfg)
{
	return ((const struct vanish *)cfg)->new_connections;
}

const struct impairment vanish_impairment = {
    .name = "vanish",
    .summary = "from a moment on nothing passes: no data, no FIN, no RST, no ICMP",
    .impersonates =
	"a dead host, or a network that forgot the connection: it says nothing. With "
	"then=forget a host that was rebooted: its RST has the hop limit and the traffic "
	"class of that host's other packets; one that begins with a hop limit of 128, as "
	"Windows, counts the IP IDs of all its RSTs, from a number of its own on",
    .doc = "Nothing of the connection passes any more, in either direction, whichever direction "
	   "the instance has (it only says whose bytes a window counts): a dead host, a "
	   "forgotten NAT entry. Its ends see silence: they send again, probe and give up by "
	   "their own timers. A SYN on the same 4-tuple vanishes as well, and so does what "
	   "wedge's own kernel says when it has closed a socket of a vanished session: the "
	   "4-tuple is remembered for 4 hours after its last packet, among the 65,536 newest. "
	   "With new_connections SYNs of all other connections vanish too, while any is "
	   "vanished; what else becomes of those is a matter of their own windows (only_first: 1 "
	   "leaves them alone, a schedule takes all at one moment).\n\n"
	   "Nothing is held: what comes is lost. Packets that have passed it before, and are "
	   "held by a later impairment, still arrive. When it ends or is disabled, with resume "
	   "the connection goes on with what its ends send again. With forget it is gone, as on "
	   "a host that was rebooted: each segment of it, from either end, is answered by the "
	   "RST of RFC 9293 section 3.10.7.1 (sequence number: the segment's acknowledgement "
	   "number, no ACK flag) and goes no further; a SYN passes and begins anew. Wedge's own "
	   "sockets of a terminated session are then reset as well, and the session ends. A "
	   "changed "
	   "then counts when it ends, a changed new_connections at once. When it is removed "
	   "the connection goes on, whatever then says.",
    .params = params,
    .cfg_size = sizeof(struct vanish),
    .packet = &ops,
    .default_leg = IMPAIR_LEG_BOTH,
    .shared_size = sizeof(struct shared),
    .shares = vanish_shares,
    .example = "vanish{then=forget}",
};
