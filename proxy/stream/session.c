/* session.c - what an event of one leg means for the other: endpoints move bytes and flows order
 * them. */
#include "proxy/stream/session.h"

#include "proxy/base/sockopt.h"
#include "proxy/stream/client_gone.h"
#include "proxy/stream/endpoint_send.h"
#include "proxy/stream/leg_setup.h"
#include "proxy/stream/refusal.h"
#include "proxy/stream/session_acks.h"
#include "proxy/stream/session_close.h"
#include "proxy/stream/session_edit.h"
#include "proxy/stream/session_upgrade.h"
#include "proxy/stream/tls/tls_session.h"

#include <errno.h>
#include <event2/buffer.h>
#include <string.h>

/* An RST waits behind bytes that its receiver doesn't acknowledge. After this long without progress
 * it is sent all the same: longer than four retransmission time-outs (0.2 + 0.4 + 0.8 + 1.6 s). */
#define RST_PATIENCE (5 * NS_PER_S)
#define RST_STEP_MIN (NS_PER_MS / 4)
#define RST_STEP_MAX (8 * NS_PER_MS)

#define TURN_BYTES (256u << 10) /* read from one endpoint before others have their turn */

static void session_settle(struct session *s);

static int64_t session_now(const struct session *s)
{
	return clock_now(s->table->env.clock);
}

static void rst_timer_cb(void *arg, int64_t now);

static void start_rst_timer(struct session *s)
{
	struct session_wait *w = s->wait;

	if (s->state == SESSION_CLOSED || (w && w->step))
		return;
	w = session_wait_with(s, rst_timer_cb);
	w->step = RST_STEP_MIN;
	for (int i = 0; i < LEG_COUNT; i++)
		w->progress[i].acked_at = session_now(s);
	timer_arm(s->table->env.timers, &w->timer, session_now(s) + w->step);
}

/* A leg that is to be reset, or whose peer's RST is on its way to it. */
static bool is_rst_due(const struct endpoint *ep)
{
	return ep->fd != -1 && (ep->ending == END_RST || ep->peer->error);
}

/* What a stage holds is heard of when it passes: nothing is to be looked at until then. */
static bool may_rst_be_due(const struct endpoint *ep)
{
	return is_rst_due(ep) && !endpoint_held_back(ep);
}

static void send_due_rsts(struct session *s)
{
	int64_t now = session_now(s);

	for (int i = 0; i < LEG_COUNT; i++) {
		struct endpoint *ep = &s->ep[i];

		if (is_rst_due(ep) &&
		    (ep->error || endpoint_rst_ripe(ep, &s->wait->progress[i], now, RST_PATIENCE)))
			endpoint_close(ep, true);
	}
}

static void rst_timer_cb(void *arg, int64_t now)
{
	struct session *s = arg;
	struct session_wait *w = s->wait;

	session_settle(s);
	if (s->state == SESSION_CLOSED)
		return;
	if (!may_rst_be_due(&s->ep[LEG_CLIENT]) && !may_rst_be_due(&s->ep[LEG_SERVER])) {
		w->step = 0;
		return;
	}
	w->step = w->step < RST_STEP_MAX ? 2 * w->step : RST_STEP_MAX;
	timer_arm(s->table->env.timers, &w->timer, now + w->step);
}

static void request_rst(struct session *s, struct endpoint *ep)
{
	if (ep->gone)
		return;
	if (s->state == SESSION_HANDSHAKE) {
		session_close(s, CLOSE_STAGE, "%s", s->text ? s->text : "");
		return;
	}
	ep->ending = END_RST;
	start_rst_timer(s);
}

/* One leg's connection broke: its peer learns it in band, or after its FIN when that went before.
 */
static void note_broken_leg(struct session *s, struct endpoint *ep)
{
	if (s->state == SESSION_CLOSED || !ep->error)
		return;
	session_set_cause(s, CLOSE_BROKEN, "%s: %s", leg_name(ep->leg),
			  ep->error == EPIPE || ep->error == ECONNRESET	  ? "RST"
			  : ep->error == EPROTO && *transport_why(ep->io) ? transport_why(ep->io)
									  : strerror(ep->error));
	if (ep->from->end_out != END_NONE && !ep->peer->error)
		request_rst(s, ep->peer);
	if (!ep->in_done && flow_readable(ep->from))
		session_wake(s);
	start_rst_timer(s);
}

/* Both sides have sent FIN: of a conversation that an impairment stands still nothing will come. */
static void end_in_vain(struct session *s)
{
	struct flow *up = &s->flow[DIR_UPSTREAM], *down = &s->flow[DIR_DOWNSTREAM];

	if (up->end_in != END_FIN || down->end_in != END_FIN)
		return;
	if (flow_waits_in_vain(up))
		flow_cut(up);
	if (flow_waits_in_vain(down))
		flow_cut(down);
}

/* A host whose application has closed answers what comes by RST, and acknowledges none of it: the
 * kernel does so as soon as the socket is closed. */
static void close_finished_legs(struct session *s)
{
	for (int i = 0; i < LEG_COUNT; i++)
		if (s->ep[i].fin_sent && !s->ep[i].error)
			endpoint_close(&s->ep[i], false);
}

/* What is over, and what follows from it. */
static void session_settle(struct session *s)
{
	struct endpoint *c = &s->ep[LEG_CLIENT], *v = &s->ep[LEG_SERVER];

	if (s->state == SESSION_REFUSED)
		refusal_settle(s);
	if (s->state == SESSION_DIALLING)
		client_gone_settle(s);
	if (s->state != SESSION_OPEN && s->state != SESSION_CLOSING)
		return;
	note_broken_leg(s, c);
	note_broken_leg(s, v);
	end_in_vain(s);
	if (s->closes)
		close_finished_legs(s);
	if (s->wait && s->wait->step)
		send_due_rsts(s);
	if (c->error && c->in_done)
		endpoint_close(c, true);
	if (v->error && v->in_done)
		endpoint_close(v, true);
	if ((c->gone || c->error) && (v->gone || v->error)) {
		session_close(s, s->cause, "%s", s->text ? s->text : "");
		return;
	}
	if (s->state == SESSION_OPEN && c->fin_sent && v->fin_sent && c->in_done && v->in_done)
		session_set_state(s, SESSION_CLOSING);
	if (s->state == SESSION_CLOSING && c->fd != -1 && v->fd != -1 && sock_is_over(c->fd) &&
	    sock_is_over(v->fd) && !c->error && !v->error)
		session_close(s, CLOSE_DONE, "FIN both ways%s%s",
			      c->io->truncated ? "; client: no close_notify" : "",
			      v->io->truncated ? "; server: no close_notify" : "");
}

/* Of a leg whose peer has died nothing more is read: the RST is on its way to it. Where a stage has
 * reset the peer by an RST in the stream, that stream delivers nothing any more: answered here. */
static bool read_leg(struct session *s, struct endpoint *ep)
{
	uint64_t before = ep->got;
	bool more;

	if (ep->peer->error || ep->fd == -1)
		return false;
	ep->may_pass = s->state == SESSION_OPEN && !s->upgrade && !s->table->writes_wait;
	more = endpoint_read(ep, s->table->scratch, sizeof(s->table->scratch), TURN_BYTES);
	if (s->pace && ep->got != before)
		ack_pace_read(&s->pace[ep->from->dir]);
	if (ep->from->end_out == END_RST && ep->peer->gone && (ep->got != before || ep->in_done))
		request_rst(s, ep);
	return more;
}

/* Clear text is over. */
static void begin_tls(struct session *s)
{
	if (s->tls) {
		session_set_state(s, SESSION_HANDSHAKE);
		flow_pause(&s->flow[DIR_UPSTREAM], PAUSE_CONNECT);
		leg_setup_tls(s);
		session_edit_tls(s);
	}
	s->hooks.tls_began(s->hooks.arg, s);
}

void session_turn(struct session *s)
{
	bool more;

	if (s->state == SESSION_CLOSED)
		return;
	if (session_upgrade_turn(s))
		begin_tls(s);
	leg_setup_turn(s);
	session_acks_look(s);
	flow_work(&s->flow[DIR_UPSTREAM]);
	flow_work(&s->flow[DIR_DOWNSTREAM]);
	endpoint_write(&s->ep[LEG_CLIENT]);
	endpoint_write(&s->ep[LEG_SERVER]);
	more = read_leg(s, &s->ep[LEG_CLIENT]);
	more |= read_leg(s, &s->ep[LEG_SERVER]);
	session_settle(s);
	if (more && s->state != SESSION_CLOSED)
		session_wake(s);
}

void session_endpoint_cb(void *arg, unsigned edges)
{
	struct endpoint *ep = arg;

	endpoint_note(ep, edges);
	session_turn(ep->session);
}

static struct session *flow_session(struct flow *f)
{
	return f->host_arg;
}

static struct endpoint *flow_sink(struct flow *f)
{
	return &flow_session(f)->ep[f->dir == DIR_UPSTREAM ? LEG_SERVER : LEG_CLIENT];
}

/* A leg that a stage has reset answers like a host that doesn't know the connection: with RST. */
static void answer_with_rst(struct session *s, struct endpoint *sink)
{
	if (sink->killed)
		request_rst(s, sink->peer);
}

static void write_endpoint(struct endpoint *ep)
{
	if (ep->session->table->writes_wait)
		session_wake(ep->session);
	else
		endpoint_write(ep);
}

static void host_deliver(struct flow *f, struct evbuffer *buf)
{
	struct endpoint *sink = flow_sink(f);

	answer_with_rst(flow_session(f), sink);
	endpoint_take(sink, buf);
}

static void host_flush(struct flow *f)
{
	if (is_rst_due(flow_sink(f)))
		start_rst_timer(flow_session(f));
	write_endpoint(flow_sink(f));
	session_upgrade_moved(flow_session(f));
}

static void host_work(struct flow *f)
{
	session_wake(flow_session(f));
}

/* An RST that came after the FIN, while that was still held, overtakes nothing but replaces it. */
static void host_deliver_end(struct flow *f, enum flow_end end)
{
	struct session *s = flow_session(f);
	struct endpoint *sink = flow_sink(f);

	answer_with_rst(s, sink);
	if (sink->ending != END_NONE || sink->gone)
		return;
	if (end == END_RST || sink->peer->error) {
		note_broken_leg(s, sink->peer);
		session_set_cause(s, CLOSE_STAGE, "an impairment ended it with RST");
		sink->killed = !sink->peer->error;
		request_rst(s, sink);
	} else {
		sink->ending = END_FIN;
		sink->abrupt |= f->end_in == END_FIN && sink->peer->io->truncated;
		write_endpoint(sink);
	}
	session_wake(s);
}

static void host_interest(struct flow *f)
{
	if (flow_readable(f))
		session_wake(flow_session(f));
}

static void host_reset(struct flow *f, enum leg leg, bool after_delivery, const char *why)
{
	struct session *s = flow_session(f);
	struct endpoint *ep = &s->ep[leg];

	if (s->state == SESSION_CLOSED || ep->gone)
		return;
	if (s->state == SESSION_DIALLING || s->state == SESSION_HANDSHAKE) {
		session_close(s, CLOSE_STAGE, "%s", why);
		return;
	}
	session_set_cause(s, CLOSE_STAGE, "%s", why);
	ep->killed = true;
	if (after_delivery) {
		request_rst(s, ep);
	} else {
		flow_flush(ep->to);
		endpoint_close(ep, true);
	}
	session_wake(s);
}

static void host_finish_back(struct flow *f)
{
	struct session *s = flow_session(f);

	s->closes = true;
	session_set_cause(s, CLOSE_STAGE, "an impairment ended it in both directions");
	flow_cut(&s->flow[dir_reverse(f->dir)]);
}

static void host_end_abruptly(struct flow *f)
{
	flow_sink(f)->abrupt = true;
}

const struct flow_host_ops session_flow_host = {
    .deliver = host_deliver,
    .flush = host_flush,
    .work = host_work,
    .deliver_end = host_deliver_end,
    .interest = host_interest,
    .reset = host_reset,
    .finish_back = host_finish_back,
    .end_abruptly = host_end_abruptly,
};

const struct session_table_ops session_ops = {
    .turn = session_turn,
    .close = session_close,
    .free = session_free,
};

struct flow *session_records(struct session *s, enum dir dir)
{
	if (!s->tls)
		return &s->flow[dir];
	return tls_session_handshake(s->tls, dir == DIR_DOWNSTREAM ? LEG_CLIENT : LEG_SERVER);
}
