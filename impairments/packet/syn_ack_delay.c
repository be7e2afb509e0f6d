/* syn_ack_delay.c - delays the SYN-ACK, while the client sends its SYN again. */
#include "impairments/impairment.h"
#include "impairments/packet/parts/tcp_handshake.h"

#include <jansson.h>

struct syn_ack_delay {
	int64_t delay;
};

static const struct param params[] = {
    P_DURATION("delay", struct syn_ack_delay, delay, .def = "3s", .min = "1us", .max = "5m",
	       .help = "how long the first SYN-ACK of an attempt to connect waits"),
    P_END,
};

struct state {
	struct pkt *held;
	int64_t came;  /* when held came to this stage */
	bool done;     /* the SYN-ACK of this attempt has been released */
	uint32_t last; /* its acknowledgement number, which names the attempt */
	/* The TSval with which it came from the server, and with which it went on. */
	uint32_t tsval_came, tsval_sent;
};

static void journal_syn_ack(struct pkt_stage *st, const char *event, const struct pkt *p,
			    const char *reason)
{
	const struct state *s = pkt_stage_state(st);
	int64_t held = p == s->held ? pkt_stage_now(st) - s->came : 0;

	pkt_stage_event(st, event, "s:I, s:f, s:s", "ack", (json_int_t)p->tcp.ack, "held",
			clock_seconds(held), "reason", reason);
}

static struct pkt *take_held(struct pkt_stage *st)
{
	struct state *s = pkt_stage_state(st);
	struct pkt *p = s->held;

	s->held = NULL;
	pkt_stage_disarm(st);
	return p;
}

static void release_held(struct pkt_stage *st, const char *reason)
{
	struct state *s = pkt_stage_state(st);

	if (!s->held)
		return;
	s->done = true;
	s->last = s->held->tcp.ack;
	s->tsval_came = s->held->tcp.tsval;
	journal_syn_ack(st, "syn_ack_released", s->held, reason);
	pkt_release(st, take_held(st));
	s->tsval_sent = st->marks.sent;
}

/* The client echoes a time stamp that the server hasn't sent yet. While its SYN-ACK is unanswered
 * Linux takes no other than its own for a part of the handshake (since 6.14). */
static void restore_echo(struct pkt_stage *st, struct pkt *p)
{
	const struct state *s = pkt_stage_state(st);

	if (s->done && p->dir == DIR_UPSTREAM && p->tcp.has_timestamp &&
	    s->tsval_sent != s->tsval_came && p->tcp.tsecr == s->tsval_sent)
		pkt_set_tsecr(p, s->tsval_came);
}

static enum pkt_action syn_ack_delay_idle(struct pkt_stage *st, struct pkt *p)
{
	restore_echo(st, p);
	return PKT_PASS;
}

static enum pkt_action syn_ack_delay_packet(struct pkt_stage *st, struct pkt *p)
{
	struct state *s = pkt_stage_state(st);
	const struct syn_ack_delay *cfg = st->cfg;
	bool outside = st->outside;

	restore_echo(st, p);
	if (!tcp_handshake_is_syn_ack(p) || tcp_handshake_is_twin(st) ||
	    (s->done && s->last == p->tcp.ack))
		return PKT_PASS;
	if (s->held && s->held->tcp.ack == p->tcp.ack) {
		journal_syn_ack(st, "syn_ack_dropped", p, "duplicate");
		return PKT_DROP;
	}
	if (s->held) {
		journal_syn_ack(st, "syn_ack_dropped", s->held, "replaced");
		pkt_drop(st, take_held(st));
	}
	if (outside)
		return PKT_PASS;
	s->held = p;
	s->came = p->came;
	pkt_stage_arm(st, s->came + cfg->delay);
	pkt_stage_event(st, "syn_ack_held", "s:I, s:f", "ack", (json_int_t)p->tcp.ack, "for",
			clock_seconds(cfg->delay));
	return PKT_HELD;
}

static void syn_ack_delay_timer(struct pkt_stage *st, int64_t now)
{
	(void)now;
	release_held(st, "timer");
}

static void syn_ack_delay_update(struct pkt_stage *st)
{
	const struct state *s = pkt_stage_state(st);
	const struct syn_ack_delay *cfg = st->cfg;

	if (s->held)
		pkt_stage_arm(st, s->came + cfg->delay);
}

static void syn_ack_delay_drain(struct pkt_stage *st)
{
	release_held(st, "drained");
}

static const struct pkt_ops ops = {
    .state_size = sizeof(struct state),
    .headers_only = true,
    .speaks_in = pkt_as_server,
    .open = pkt_default_open,
    .packet = syn_ack_delay_packet,
    .idle = syn_ack_delay_idle,
    .timer = syn_ack_delay_timer,
    .update = syn_ack_delay_update,
    .drain = syn_ack_delay_drain,
    .lingers = true,
    .close = pkt_default_close,
};

const struct impairment syn_ack_delay_impairment = {
    .name = "syn_ack_delay",
    .summary = "the answer to a SYN comes late",
    .impersonates =
	"the server's host, which answers late: the SYN-ACK has the time stamp of the moment at "
	"which it leaves. The server is shown its own one when the client echoes it",
    .doc = "Holds the first SYN-ACK of an attempt to connect. Meanwhile the client sends its "
	   "SYN again as it likes; these arrive, and the SYN-ACKs that answer them, or that "
	   "the server sends again by itself, are dropped: the client hears nothing before the "
	   "held one comes. SYN-ACKs behind it pass. An attempt with another initial sequence "
	   "number is another one: a SYN-ACK still held for the one before is dropped. Nothing "
	   "but SYN-ACKs is touched. A handshake has no direction of data: any direction acts "
	   "the same, and only says whose packets a window counts. No window can begin behind "
	   "the handshake, so after is refused, and so are bytes.\n\n"
	   "When it is changed, a held SYN-ACK is timed anew from when it came; when it is "
	   "disabled or removed, it goes on at once.",
    .params = params,
    .cfg_size = sizeof(struct syn_ack_delay),
    .packet = &ops,
    .window = IMPAIR_WINDOW_HANDSHAKE,
    .default_leg = IMPAIR_LEG_CLIENT,
    .example = "syn_ack_delay{delay=3s}",
};
