/* rst_inject.c - sends a forged RST, with the one sequence number that its target accepts, to
 * either end of a connection or to both. */
#include "impairments/impairment.h"
#include "impairments/packet/parts/forge.h"
#include "impairments/packet/parts/tcp_handshake.h"

#include <jansson.h>

enum to { TO_CLIENT, TO_SERVER, TO_BOTH };

struct rst_inject {
	int to;
	bool silence;
};

static const char *const to_names[] = {"client", "server", "both", NULL};

static const struct param params[] = {
    P_ENUM("to", struct rst_inject, to, to_names, .def = "client",
	   .help = "who gets the RST; on a terminated session's client leg the server is wedge's "
		   "own socket, on the server leg the client is"),
    P_FLAG("silence", struct rst_inject, silence, .def = "no",
	   .help = "once it is sent nothing else passes any more, in either direction"),
    P_END,
};

/* One direction of travel: what the stage let pass, and the RST that follows. */
struct course {
	bool passed_seen, acked_seen;
	uint32_t passed; /* highest sequence number + 1 */
	uint32_t acked;	 /* highest acknowledgement number after the handshake */
	bool wanted, sent;
	uint32_t rst; /* the sequence number of the sent RST */
};

struct state {
	struct course course[DIR_COUNT];
	bool silent;
};

static void track_packet(struct state *s, const struct pkt *p)
{
	struct course *c = &s->course[p->dir];
	const struct tcp_view *v = &p->tcp;
	uint32_t end = v->seq + tcp_seq_len(v);

	if (v->flags & TCP_RST)
		return;
	if (v->flags & TCP_SYN)
		*c = (struct course){.wanted = c->wanted, .sent = c->sent, .rst = c->rst};
	if (!c->passed_seen || seq_diff(end, c->passed) > 0)
		c->passed = end;
	c->passed_seen = true;
	if ((v->flags & (TCP_ACK | TCP_SYN)) != TCP_ACK)
		return;
	if (!c->acked_seen || seq_diff(v->ack, c->acked) > 0)
		c->acked = v->ack;
	c->acked_seen = true;
}

static void send_rst(struct pkt_stage *st, enum dir dir, uint32_t seq, const char *event)
{
	struct state *s = pkt_stage_state(st);
	const struct forged f = {.dir = dir, .flags = TCP_RST, .seq = seq};

	s->course[dir].sent = true;
	s->course[dir].rst = seq;
	forge_send(st->conn, &f);
	pkt_stage_event(st, event, "s:s, s:I", "to", dir == DIR_UPSTREAM ? "server" : "client",
			"seq", (json_int_t)seq);
}

/* Returns whether every wanted RST is sent, of at least one. */
static bool all_sent(const struct state *s)
{
	const struct course *up = &s->course[DIR_UPSTREAM], *down = &s->course[DIR_DOWNSTREAM];

	return (up->sent || down->sent) && up->sent == up->wanted && down->sent == down->wanted;
}

/* Returns whether another stage lets nothing pass. */
static bool is_cut_off(struct pkt_stage *st)
{
	const struct state *s = pkt_stage_state(st);

	return st->conn->vanished > s->silent;
}

/* Sends each wanted RST as soon as the number that its target expects next is known: what the
 * target has acknowledged, or more that has passed since. The target is connected once it has sent
 * a segment after its SYN; no RST goes before. */
static void send_wanted(struct pkt_stage *st)
{
	struct state *s = pkt_stage_state(st);

	for (enum dir dir = 0; dir < DIR_COUNT; dir++) {
		const struct course *c = &s->course[dir], *back = &s->course[dir_reverse(dir)];
		bool ahead = c->passed_seen && seq_diff(c->passed, back->acked) > 0;

		if (c->wanted && !c->sent && back->acked_seen && !is_cut_off(st))
			send_rst(st, dir, ahead ? c->passed : back->acked, "rst_injected");
	}
}

/* Silence begins behind the last RST, and follows the present configuration. */
static void set_silent(struct pkt_stage *st, bool silent)
{
	struct state *s = pkt_stage_state(st);

	if (silent && !s->silent)
		st->conn->vanished++;
	if (!silent && s->silent)
		st->conn->vanished--;
	s->silent = silent;
}

static void rst_inject_open(struct pkt_stage *st)
{
	const struct rst_inject *cfg = st->cfg;
	struct state *s = pkt_stage_state(st);
	bool twin = tcp_handshake_is_twin(st);

	s->course[DIR_DOWNSTREAM].wanted = !twin && cfg->to != TO_SERVER;
	s->course[DIR_UPSTREAM].wanted = !twin && cfg->to != TO_CLIENT;
	send_wanted(st);
	set_silent(st, cfg->silence && all_sent(s));
}

/* Returns whether p is a challenge ACK (RFC 5961 section 3.2), which repeats the number that the
 * target expects: data before the RST was lost or held on the way, and the target lives. A peer
 * that is gone answers by an RST with that number. */
static bool is_challenge(const struct state *s, const struct pkt *p)
{
	const struct course *c = &s->course[dir_reverse(p->dir)], *own = &s->course[p->dir];

	return c->sent && tcp_is_pure_ack(&p->tcp) && own->acked_seen && p->tcp.ack == own->acked &&
	       p->tcp.ack != c->rst;
}

static enum pkt_action rst_inject_packet(struct pkt_stage *st, struct pkt *p)
{
	const struct rst_inject *cfg = st->cfg;
	struct state *s = pkt_stage_state(st);

	set_silent(st, cfg->silence && all_sent(s));
	if (is_challenge(s, p) && !is_cut_off(st))
		send_rst(st, dir_reverse(p->dir), p->tcp.ack, "rst_repeated");
	if (s->silent)
		return PKT_DROP;
	track_packet(s, p);
	send_wanted(st);
	return PKT_PASS;
}

static enum pkt_action rst_inject_idle(struct pkt_stage *st, struct pkt *p)
{
	track_packet(pkt_stage_state(st), p);
	return PKT_PASS;
}

/* Keeps what has passed; a stage that acts again sends another RST. */
static void rst_inject_drain(struct pkt_stage *st)
{
	struct state *s = pkt_stage_state(st);

	set_silent(st, false);
	for (enum dir dir = 0; dir < DIR_COUNT; dir++)
		s->course[dir].wanted = s->course[dir].sent = false;
}

static const struct pkt_ops ops = {
    .state_size = sizeof(struct state),
    .headers_only = true,
    .open = rst_inject_open,
    .packet = rst_inject_packet,
    .idle = rst_inject_idle,
    .timer = pkt_default_timer,
    .update = pkt_default_update,
    .drain = rst_inject_drain,
    .close = pkt_default_close,
};

const struct impairment rst_inject_impairment = {
    .name = "rst_inject",
    .summary = "a forged RST that its target accepts",
    .impersonates = "the host in whose name the RST is, after it has lost the connection: hop "
		    "limit, traffic class and kind of IP ID are those of its other packets. A "
		    "middlebox's forgery would differ in them",
    .doc = "When it begins to act, an RST in the name of the other end goes to the client, the "
	   "server or both. Its sequence number is the next one that the target expects, the "
	   "only one that resets a connection at once (RFC 9293 section 3.10.7.4, RFC 5961 "
	   "section 3.2): what the target has acknowledged, or more that has passed since. It "
	   "is sent when that is known: at once on a connection whose packets have passed "
	   "here; else with the target's first segment after its SYN. Should data that went "
	   "ahead of it be lost or late, so that the target challenges it, the challenge is "
	   "answered by an RST with the number it asks for, as a host would whose connection "
	   "is gone.\n\n"
	   "The original packets still pass, so that the target answers what its peer sends by "
	   "an RST of its own; with silence nothing passes any more, and the peer isn't told. "
	   "The direction of the instance only says whose bytes a window counts. Nothing is "
	   "held. A change of to counts when it acts again, one of silence with the next "
	   "packet; when it ends, is disabled or removed, everything passes, and what was reset "
	   "stays so. When it acts again another RST is sent. The RST passes no other "
	   "impairment; through a vanished connection none is sent.",
    .params = params,
    .cfg_size = sizeof(struct rst_inject),
    .packet = &ops,
    .default_leg = IMPAIR_LEG_CLIENT,
    .example = "rst_inject{to=both}",
};
