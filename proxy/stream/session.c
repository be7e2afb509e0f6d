/* session.c - one client connection through wedge, from its beginning (session_begin.c) to its one
 * way out. Endpoints move bytes and flows order them; here is decided what an event of one leg
 * means for the other. */
#include "proxy/stream/session.h"

#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"
#include "proxy/stream/leg_setup.h"
#include "proxy/stream/refusal.h"
#include "proxy/stream/session_table.h"
#include "proxy/stream/tls/tls.h"

#include <event2/buffer.h>
#include <event2/event.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
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

/* The first cause is the one that the log tells. */
static void set_cause(struct session *s, enum close_why why, const char *fmt, ...) WG_PRINTF(3, 4);
static void set_cause(struct session *s, enum close_why why, const char *fmt, ...)
{
	va_list ap;

	if (s->cause_known)
		return;
	s->cause_known = true;
	s->cause = why;
	va_start(ap, fmt);
	vsnprintf(s->text, sizeof(s->text), fmt, ap);
	va_end(ap);
}

static void rst_timer_cb(void *arg, int64_t now);

static void rst_wait(struct session *s)
{
	if (s->state == SESSION_CLOSED || s->rst_step)
		return;
	s->rst_step = RST_STEP_MIN;
	s->rst_timer.fn = rst_timer_cb;
	s->rst_timer.arg = s;
	for (int i = 0; i < LEG_COUNT; i++)
		s->ep[i].acked_at = session_now(s);
	timer_arm(s->table->env.timers, &s->rst_timer, session_now(s) + s->rst_step);
}

/* A leg that is to be reset, or whose peer's RST is on its way to it. */
static bool rst_due(const struct endpoint *ep)
{
	return ep->fd != -1 && (ep->ending == END_RST || ep->peer->error);
}

static void rst_try(struct session *s)
{
	int64_t now = session_now(s);

	for (int i = 0; i < LEG_COUNT; i++) {
		struct endpoint *ep = &s->ep[i];

		if (rst_due(ep) && (ep->error || endpoint_rst_ripe(ep, now, RST_PATIENCE)))
			endpoint_close(ep, true);
	}
}

static void rst_timer_cb(void *arg, int64_t now)
{
	struct session *s = arg;

	session_settle(s);
	if (s->state == SESSION_CLOSED)
		return;
	if (!rst_due(&s->ep[LEG_CLIENT]) && !rst_due(&s->ep[LEG_SERVER])) {
		s->rst_step = 0;
		return;
	}
	s->rst_step = s->rst_step < RST_STEP_MAX ? 2 * s->rst_step : RST_STEP_MAX;
	timer_arm(s->table->env.timers, &s->rst_timer, now + s->rst_step);
}

static void ask_rst(struct session *s, struct endpoint *ep)
{
	if (ep->gone)
		return;
	if (s->state == SESSION_HANDSHAKE) {
		session_close(s, CLOSE_STAGE, "%s", s->text);
		return;
	}
	ep->ending = END_RST;
	rst_wait(s);
}

/* One leg's connection broke: its peer learns it in band, or after its FIN when that went before.
 */
static void note_broken(struct session *s, struct endpoint *ep)
{
	if (s->state == SESSION_CLOSED || !ep->error)
		return;
	set_cause(s, CLOSE_BROKEN, "%s: %s", leg_name(ep->leg),
		  ep->error == EPIPE || ep->error == ECONNRESET ? "RST"
		  : ep->error == EPROTO && *ep->io->why		? ep->io->why
								: strerror(ep->error));
	if (ep->from->end_out != END_NONE && !ep->peer->error)
		ask_rst(s, ep->peer);
	if (!ep->in_done && flow_readable(ep->from))
		session_wake(s);
	rst_wait(s);
}

/* What is over, and what follows from it. */
static void session_settle(struct session *s)
{
	struct endpoint *c = &s->ep[LEG_CLIENT], *v = &s->ep[LEG_SERVER];

	if (s->state == SESSION_REFUSED)
		refusal_settle(s);
	if (s->state != SESSION_OPEN && s->state != SESSION_CLOSING)
		return;
	note_broken(s, c);
	note_broken(s, v);
	if (s->rst_step)
		rst_try(s);
	if (c->error && c->in_done)
		endpoint_close(c, true);
	if (v->error && v->in_done)
		endpoint_close(v, true);
	if ((c->gone || c->error) && (v->gone || v->error)) {
		session_close(s, s->cause, "%s", s->text);
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
static bool turn_read(struct session *s, struct endpoint *ep)
{
	uint64_t before = ep->got;
	bool more;

	if (ep->peer->error || ep->fd == -1)
		return false;
	more = endpoint_read(ep, s->table->scratch, sizeof(s->table->scratch), TURN_BYTES);
	if (ep->from->end_out == END_RST && ep->peer->gone && (ep->got != before || ep->in_done))
		ask_rst(s, ep);
	return more;
}

void session_turn(struct session *s)
{
	bool more;

	if (s->state == SESSION_CLOSED)
		return;
	leg_setup_turn(s);
	endpoint_write(&s->ep[LEG_CLIENT]);
	endpoint_write(&s->ep[LEG_SERVER]);
	more = turn_read(s, &s->ep[LEG_CLIENT]);
	more |= turn_read(s, &s->ep[LEG_SERVER]);
	session_settle(s);
	if (more && s->state != SESSION_CLOSED)
		session_wake(s);
}

void session_endpoint_cb(evutil_socket_t fd, short what, void *arg)
{
	struct endpoint *ep = arg;

	(void)fd;
	endpoint_note(ep, what);
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
static void answer_rst(struct session *s, struct endpoint *sink)
{
	if (sink->killed)
		ask_rst(s, sink->peer);
}

static void write_out(struct endpoint *ep)
{
	if (ep->session->table->writes_wait)
		session_wake(ep->session);
	else
		endpoint_write(ep);
}

static void host_deliver(struct flow *f, struct evbuffer *buf)
{
	struct endpoint *sink = flow_sink(f);

	answer_rst(flow_session(f), sink);
	endpoint_take(sink, buf);
	write_out(sink);
}

/* An RST that came after the FIN, while that was still held, overtakes nothing but replaces it. */
static void host_deliver_end(struct flow *f, enum flow_end end)
{
	struct session *s = flow_session(f);
	struct endpoint *sink = flow_sink(f);

	answer_rst(s, sink);
	if (sink->ending != END_NONE || sink->gone)
		return;
	if (end == END_RST || sink->peer->error) {
		note_broken(s, sink->peer);
		set_cause(s, CLOSE_STAGE, "an impairment ended it with RST");
		sink->killed = !sink->peer->error;
		ask_rst(s, sink);
	} else {
		sink->ending = END_FIN;
		sink->abrupt |= f->end_in == END_FIN && sink->peer->io->truncated;
		write_out(sink);
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
	set_cause(s, CLOSE_STAGE, "%s", why);
	ep->killed = true;
	if (after_delivery)
		ask_rst(s, ep);
	else
		endpoint_close(ep, true);
	session_wake(s);
}

static void host_finish_back(struct flow *f)
{
	flow_cut(&flow_session(f)->flow[dir_reverse(f->dir)]);
}

static void host_end_abruptly(struct flow *f)
{
	flow_sink(f)->abrupt = true;
}

const struct flow_host_ops session_flow_host = {
    .deliver = host_deliver,
    .deliver_end = host_deliver_end,
    .interest = host_interest,
    .reset = host_reset,
    .finish_back = host_finish_back,
    .end_abruptly = host_end_abruptly,
};

static void session_report(const struct session *s)
{
	double seconds = (double)(session_now(s) - s->began) / NS_PER_S;
	uint64_t up = s->ep[LEG_SERVER].sent, down = s->ep[LEG_CLIENT].sent;
	char client[ADDR_TEXT], server[ADDR_TEXT] = "-";

	addr_format(&s->client, client);
	if (s->server.len)
		addr_format(&s->server, server);
	log_info(s->table->env.log,
		 "session %" PRIu64 " (%s): %s to %s, %" PRIu64 " B up, %" PRIu64
		 " B down, %.3f s, %s",
		 s->number, s->config.proxy, client, server, up, down, seconds, s->text);
	journal_event(s->table->env.journal, "session_close", "s:I, s:s, s:s, s:I, s:I, s:f, s:s",
		      "session", (json_int_t)s->number, "client", client, "server", server, "up",
		      (json_int_t)up, "down", (json_int_t)down, "seconds", seconds, "why", s->text);
}

void session_close(struct session *s, enum close_why why, const char *fmt, ...)
{
	char text[sizeof(s->text)];
	va_list ap;

	if (s->state == SESSION_CLOSED)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	s->cause_known = false;
	set_cause(s, why, "%s", text);
	session_set_state(s, SESSION_CLOSED);
	timer_cancel(s->table->env.timers, &s->rst_timer);
	timer_cancel(s->table->env.timers, &s->refusal_timer);
	for (int i = 0; i < LEG_COUNT; i++)
		endpoint_close(&s->ep[i], why != CLOSE_DONE);
	session_give_up(s);
	session_report(s);
	session_delist(s);
}

/* The reaper's part; the table calls it when no callback of the session can be on the stack. */
void session_free(struct session *s)
{
	s->hooks.close(s->hooks.arg, s);
	for (int i = 0; i < DIR_COUNT; i++)
		flow_fini(&s->flow[i]);
	for (int i = 0; i < LEG_COUNT; i++)
		endpoint_fini(&s->ep[i]);
	if (s->reply)
		evbuffer_free(s->reply);
	tls_session_free(s->tls);
	free(s->proxy_protocol_out);
	s->config.released(s->config.released_arg);
	free(s);
}
