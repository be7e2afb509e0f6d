/* engine_connect.c - honest connect: a client that asks for a connection waits until its server has
 * answered, and gets that answer. A proxy that accepts before it dials makes dead servers look
 * alive. */
#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"
#include "proxy/engine/engine_state.h"

#include <errno.h>
#include <jansson.h>

/* A client sends its SYN again after twice the time before (Linux, Windows; others are quicker).
 * One that is silent for longer has gone, and its server isn't tried any more. */
#define SILENCE_MIN (4 * NS_PER_S)

/* After its SYN was let in: Linux ends a handshake that nobody completes after 63 s (tcp(7),
 * tcp_synack_retries), and the client's SYN may have been sent again until 127 s (tcp_syn_retries).
 */
#define HANDSHAKE_MAX (130 * NS_PER_S)

/* The same when wedge is about to stop: two answers that were lost are sent again after 1 and 3 s.
 */
#define HANDSHAKE_END (4 * NS_PER_S)

/* From the client's SYN to its accepted socket, or to a no. */
struct pending_connect {
	struct engine_proxy *proxy;
	struct pkt_conn *conn;
	struct session *session; /* NULL while it is being made */
	struct timer timer;
	int64_t began;
	bool let_in;
	struct unreachable told; /* by ICMP, of the connection to the server; from.len 0: nothing */
	TAILQ_ENTRY(pending_connect) entry;
};

void pending_connect_free(struct pending_connect *a)
{
	struct engine *en = a->proxy->engine;

	if (a->conn->pending == a)
		a->conn->pending = NULL;
	timer_cancel(en->env.timers, &a->timer);
	TAILQ_REMOVE(&en->pending, a, entry);
	free(a);
}

static void ask_end(struct pending_connect *a)
{
	struct engine *en = a->proxy->engine;

	if (a->let_in && engine_listens_on(a->proxy))
		timer_arm(en->env.timers, &a->timer, clock_now(en->env.clock) + HANDSHAKE_END);
	else
		session_close(a->session, CLOSE_STOPPED, "nobody accepts its client any more");
}

void engine_connect_end(struct engine *en, const struct engine_proxy *p)
{
	struct pending_connect *a, *next;

	for (a = TAILQ_FIRST(&en->pending); a; a = next) {
		next = TAILQ_NEXT(a, entry);
		if (!p || a->proxy == p)
			ask_end(a);
	}
}

/* What a rule has redirected is at the listener already. */
void engine_connect_recheck(struct engine *en)
{
	struct pending_connect *a, *next;

	for (a = TAILQ_FIRST(&en->pending); a; a = next) {
		next = TAILQ_NEXT(a, entry);
		if (!a->let_in && a->proxy->config.mode == PROXY_TRANSPARENT &&
		    !intercept_match_covers(&a->proxy->config.intercept, &a->conn->server))
			session_close(a->session, CLOSE_STOPPED,
				      "its client's connection isn't taken any more");
	}
}

struct session *pending_connect_session(const struct pending_connect *a)
{
	return a->session;
}

/* The ICMP that a router has sent is handed on as it is; else this host speaks for itself. What it
 * says is what the client is given, for the journal; so below. */
static const char *answer_unreachable(struct pending_connect *a, int error)
{
	struct pkt_conn *c = a->conn;
	struct addr from = a->told.from;
	uint8_t code = a->told.code;

	if (!from.len || from.sa.sa_family != c->client.sa.sa_family) {
		code = unreachable_code(c->client.sa.sa_family, error);
		if (sock_source(&c->client, &from) == -1) {
			syn_hold_answer(c, SYN_REFUSE);
			return "RST";
		}
	}
	syn_hold_answer_unreachable(c, &from, code);
	return "ICMP";
}

/* What the client would have met without wedge. What only this host is to blame for is no answer of
 * the server's: silence, so that the client tries again. */
static const char *answer_no(struct pending_connect *a, int error)
{
	switch (error) {
	case ECONNREFUSED:
	case ECONNRESET:
		if (a->told.from.len)
			break;
		syn_hold_answer(a->conn, SYN_REFUSE);
		return "RST";
	case 0:
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EACCES:
	case ENOPROTOOPT:
		break;
	default:
		syn_hold_answer(a->conn, SYN_SILENCE);
		return "nothing";
	}
	return answer_unreachable(a, error);
}

static const char *no_word(int error)
{
	switch (error) {
	case ECONNREFUSED:
	case ECONNRESET:
		return "refused";
	case ETIMEDOUT:
		return "silent";
	case 0:
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EACCES:
	case ENOPROTOOPT:
		return "unreachable";
	default:
		return "not_tried";
	}
}

static void tell_answer(const struct pending_connect *a, json_int_t session, const char *answer,
			const char *gets)
{
	struct engine *en = a->proxy->engine;
	int64_t now = clock_now(en->env.clock);

	journal_event(en->env.journal, "connect_answered", "s:I, s:s, s:s, s:s, s:f", "session",
		      session, "leg", leg_name(LEG_CLIENT), "answer", answer, "client_gets", gets,
		      "after", (double)(now - a->began) / NS_PER_S);
}

static void answer_cb(void *arg, enum connect_answer answer, int error)
{
	struct pending_connect *a = arg;
	struct engine *en = a->proxy->engine;
	json_int_t session = (json_int_t)a->conn->session;

	if (answer == CONNECT_LET_IN) {
		tell_answer(a, session, "accepted", "handshake");
		a->let_in = true;
		timer_arm(en->env.timers, &a->timer, clock_now(en->env.clock) + HANDSHAKE_MAX);
		syn_hold_answer(a->conn, SYN_LET_IN);
		return;
	}
	if (answer == CONNECT_REFUSED) {
		tell_answer(a, session, no_word(error), answer_no(a, error));
	} else {
		tell_answer(a, session, "over", "nothing");
		syn_hold_answer(a->conn, SYN_SILENCE);
	}
	pending_connect_free(a);
}

/* When it is to be looked at again whether the client still asks. */
static int64_t silence_end(const struct pending_connect *a)
{
	int64_t asked = a->conn->last_seen - a->began;

	return a->conn->last_seen + SILENCE_MIN + 2 * asked;
}

static void timer_cb(void *arg, int64_t now)
{
	struct pending_connect *a = arg;

	if (a->let_in)
		session_close(a->session, CLOSE_BROKEN, "the client never completed its handshake");
	else if (now < silence_end(a))
		timer_arm(a->proxy->engine->env.timers, &a->timer, silence_end(a));
	else
		session_close(a->session, CLOSE_BROKEN,
			      "the client has given up before its server had answered");
}

/* A SYN that a stage has kept may come when its proxy has gone. */
bool engine_syn_held_cb(void *arg, struct pkt_conn *c)
{
	struct engine_proxy *p = arg;
	struct engine *en = p->engine;
	const struct addr *orig_dst = p->config.mode == PROXY_REDIRECT ? &c->orig_dst : &c->server;
	struct session_hooks hooks;
	struct session_route r;
	struct pending_connect *a;
	struct session *s;

	if (p->gone || p->config.early_accept || !orig_dst->len || en->draining ||
	    !engine_route(p, orig_dst, &r))
		return false;
	a = xcalloc(1, sizeof(*a));
	a->proxy = p;
	a->conn = c;
	a->began = c->last_seen;
	a->timer.fn = timer_cb;
	a->timer.arg = a;
	c->pending = a;
	TAILQ_INSERT_TAIL(&en->pending, a, entry);
	p->users++;
	engine_hooks(p, orig_dst, &r, &hooks);
	timer_arm(en->env.timers, &a->timer, silence_end(a));
	s = session_start_deferred(en->sessions, c->session, &c->client, &r.upstream, &hooks,
				   &(struct connect_waiter){.answer = answer_cb, .arg = a});
	if (c->pending == a) /* else it has got its answer */
		a->session = s;
	return true;
}

void engine_gave_up_cb(void *arg, struct pkt_conn *c)
{
	struct pending_connect *a = c->pending;

	(void)arg;
	if (a)
		session_close(a->session, CLOSE_BROKEN, "client: RST before it was accepted");
}

/* The kernel of this host can't tell the socket that tries: what comes is for the client's address,
 * from which it connects. */
bool engine_unreachable_cb(void *arg, const struct unreachable *u)
{
	struct engine_proxy *p = arg;
	struct pending_connect *a;
	struct addr local;

	TAILQ_FOREACH (a, &p->engine->pending, entry) {
		struct dial *d = a->session && !a->let_in ? &a->session->dial : NULL;

		if (a->proxy != p || !d || d->fd == -1 || !d->source.len ||
		    !addr_equal(&d->addrs[d->at], &u->dst))
			continue;
		sock_local(d->fd, &local);
		if (!addr_equal(&local, &u->src))
			continue;
		a->told = *u;
		dial_fail(d, unreachable_errno(u));
		return true;
	}
	return false;
}
