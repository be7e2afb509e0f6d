/* refusal.c - the server leg is gone from the beginning, so that what the client sends ends
 * nowhere. */
#include "proxy/stream/refusal.h"

#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"
#include "proxy/stream/session_close.h"
#include "proxy/stream/session_table.h"

#include <event2/buffer.h>
#include <jansson.h>

/* As Apache lingers behind the end of a response (lingering_close() in server/connection.c:
 * SECONDS_TO_LINGER and MAX_SECS_TO_LINGER). */
#define LINGER_QUIET (2 * NS_PER_S)
#define LINGER_MAX   (30 * NS_PER_S)

#define LINGER_BYTES (1u << 20) /* that are read before a socket is closed */

/* What nobody has read when a socket is closed makes an RST of its FIN (RFC 9293 3.6.1). */
static void close_client(struct session *s)
{
	struct endpoint *c = &s->ep[LEG_CLIENT];

	endpoint_read(c, s->table->scratch, sizeof(s->table->scratch), LINGER_BYTES);
	session_close(s, CLOSE_DONE, "%s; closed", s->refusal->verdict.why);
}

static void linger_over(void *arg, int64_t now)
{
	(void)now;
	close_client(arg);
}

/* A client that is still sending would be reset, and might lose the reply by it. */
static void linger_on(struct session *s)
{
	struct refusal *r = s->refusal;
	uint64_t got = s->ep[LEG_CLIENT].got;
	int64_t now = clock_now(s->table->env.clock);

	if (r->lingers && got == r->got)
		return;
	if (!r->lingers)
		r->linger_until = now + LINGER_MAX;
	r->lingers = true;
	r->got = got;
	s->refusal->timer.fn = linger_over;
	s->refusal->timer.arg = s;
	timer_arm(s->table->env.timers, &s->refusal->timer,
		  now + LINGER_QUIET < r->linger_until ? now + LINGER_QUIET : r->linger_until);
}

static void carry_out_verdict(void *arg, int64_t now)
{
	struct session *s = arg;
	struct flow *down = &s->flow[DIR_DOWNSTREAM];

	(void)now;
	if (s->refusal->verdict.action == ACCEPT_RESET ||
	    s->refusal->verdict.action == ACCEPT_REFUSE) {
		session_close(s, CLOSE_STAGE, "%s", s->refusal->verdict.why);
		return;
	}
	if (s->refusal->verdict.action != ACCEPT_CLOSE)
		return;
	if (!s->refusal->reply) {
		close_client(s);
		return;
	}
	flow_push(down, s->refusal->reply);
	flow_finish(down, END_FIN);
}

void refusal_ask(struct session *s)
{
	struct accept_verdict v = {.action = ACCEPT_GO};
	struct refusal *r;

	s->hooks.accept(s->hooks.arg, s, &v);
	if (v.action == ACCEPT_GO && !v.keepalive)
		return;
	r = s->refusal = xcalloc(1, sizeof(*r));
	r->verdict = v;
	r->verdict.reply = NULL;
	if (!v.reply_len)
		return;
	r->reply = evbuffer_new();
	BUG_ON(!r->reply || evbuffer_add(r->reply, v.reply, v.reply_len) == -1);
}

static void journal_refusal(const struct session *s, const char *action, const char *note)
{
	journal_event(s->table->env.journal, "session_refused", "s:I, s:s, s:f, s:s, s:s*",
		      "session", (json_int_t)s->number, "action", action, "delay",
		      clock_seconds(s->refusal->verdict.delay), "why", s->refusal->verdict.why,
		      "note", note);
}

/* Calls fn(s, now) when the verdict's delay has passed, perhaps within the call. */
static void after_delay(struct session *s, void (*fn)(void *arg, int64_t now))
{
	s->refusal->timer.fn = fn;
	s->refusal->timer.arg = s;
	if (s->refusal->verdict.delay)
		timer_arm(s->table->env.timers, &s->refusal->timer,
			  clock_now(s->table->env.clock) + s->refusal->verdict.delay);
	else
		fn(s, 0);
}

static void request_awaited(void *arg, int64_t now)
{
	struct session *s = arg;

	(void)now;
	s->refusal->awaits = false;
	timer_cancel(s->table->env.timers, &s->refusal->timer);
	after_delay(s, carry_out_verdict);
}

static void await_request(struct session *s)
{
	s->refusal->awaits = true;
	s->refusal->timer.fn = request_awaited;
	s->refusal->timer.arg = s;
	timer_arm(s->table->env.timers, &s->refusal->timer,
		  clock_now(s->table->env.clock) + s->refusal->verdict.await_request);
}

void refusal_begin(struct session *s)
{
	static const char *const words[] = {[ACCEPT_RESET] = "reset",
					    [ACCEPT_CLOSE] = "close",
					    [ACCEPT_SILENT] = "silent",
					    [ACCEPT_REFUSE] = "reset"};
	const struct accept_verdict *v = &s->refusal->verdict;

	session_set_state(s, SESSION_REFUSED);
	dial_fini(s->dial);
	endpoint_close(&s->ep[LEG_SERVER], false);
	journal_refusal(s, words[v->action],
			v->action == ACCEPT_REFUSE
			    ? "accepted first: its SYN couldn't be answered by an RST"
			    : NULL);
	if (v->read || v->action == ACCEPT_CLOSE || v->await_request)
		flow_resume(&s->flow[DIR_UPSTREAM], PAUSE_CONNECT);
	if (v->await_request)
		await_request(s);
	else
		after_delay(s, carry_out_verdict);
}

static void deny_connect(void *arg, int64_t now)
{
	struct session *s = arg;

	(void)now;
	connect_waiter_answer(&s->pending, CONNECT_DENIED, 0);
	session_close(s, CLOSE_STAGE, "%s", s->refusal->verdict.why);
}

void refusal_answer_syn(struct session *s)
{
	journal_refusal(s, "refused", NULL);
	after_delay(s, deny_connect);
}

void refusal_settle(struct session *s)
{
	struct endpoint *c = &s->ep[LEG_CLIENT];

	if (c->error)
		session_close(s, CLOSE_BROKEN, "%s; the client has gone", s->refusal->verdict.why);
	else if (s->refusal->awaits && (c->got || c->in_done))
		request_awaited(s, 0);
	else if (c->fin_sent && c->in_done && sock_is_over(c->fd))
		session_close(s, CLOSE_DONE, "%s; FIN both ways", s->refusal->verdict.why);
	else if (c->fin_sent)
		linger_on(s);
}
