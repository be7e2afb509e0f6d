/* engine_connect.c - a proxy that accepts before it dials makes dead servers look alive; so a
 * session is begun by a held SYN, and its dial decides what becomes of the SYN. */
#include "proxy/engine/engine_connect.h"

#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"
#include "proxy/engine/engine_proxy.h"
#include "proxy/packet/syn_hold.h"
#include "proxy/stream/session_begin.h"
#include "proxy/stream/session_close.h"
#include "proxy/stream/session_sockets.h"

#include <errno.h>
#include <jansson.h>

/* A client sends its SYN again after twice the last interval (Linux, Windows; others are quicker).
 * A client that is silent for longer has gone, and its server isn't tried any more. */
#define SILENCE_MIN (4 * NS_PER_S)

/* Counts from the client's SYN that was let in: Linux ends a handshake that isn't completed after
 * 63 s (tcp(7), tcp_synack_retries), and the client may send its SYN again until 127 s
 * (tcp_syn_retries). */
#define HANDSHAKE_MAX (130 * NS_PER_S)

/* Counts from the moment when wedge is about to stop: two lost answers to a SYN are sent again
 * after 1 and 3 s. */
#define HANDSHAKE_END (4 * NS_PER_S)

/* Lives from the client's SYN to its accepted socket, or to its refusal. */
struct pending_connect {
	struct engine_proxy *proxy;
	struct pkt_conn *conn;
	struct session *session; /* NULL while session_start_deferred runs */
	struct timer timer;
	int64_t began;
	bool let_in;
	struct unreachable icmp; /* about the dialled connection; from.len 0: none has come */
	TAILQ_ENTRY(pending_connect) entry;
};

void pending_connect_free(struct pending_connect *pc)
{
	struct engine *en = pc->proxy->engine;

	if (pc->conn->pending == pc)
		pc->conn->pending = NULL;
	timer_cancel(en->env.timers, &pc->timer);
	TAILQ_REMOVE(&en->pending, pc, entry);
	free(pc);
}

static void end_pending(struct pending_connect *pc)
{
	struct engine *en = pc->proxy->engine;

	if (pc->let_in && engine_listens_on(pc->proxy))
		timer_arm(en->env.timers, &pc->timer, clock_now(en->env.clock) + HANDSHAKE_END);
	else
		session_close(pc->session, CLOSE_STOPPED, "nobody accepts its client any more");
}

void engine_connect_end(struct engine *en, const struct engine_proxy *p)
{
	struct pending_connect *pc, *next;

	for (pc = TAILQ_FIRST(&en->pending); pc; pc = next) {
		next = TAILQ_NEXT(pc, entry);
		if (!p || pc->proxy == p)
			end_pending(pc);
	}
}

/* A redirected connection is at the listener already. */
void engine_connect_recheck(struct engine *en)
{
	struct pending_connect *pc, *next;

	for (pc = TAILQ_FIRST(&en->pending); pc; pc = next) {
		next = TAILQ_NEXT(pc, entry);
		if (!pc->let_in && pc->proxy->config.mode == PROXY_TRANSPARENT &&
		    !intercept_match_covers(&pc->proxy->config.intercept, &pc->conn->server))
			session_close(pc->session, CLOSE_STOPPED,
				      "its client's connection isn't taken any more");
	}
}

struct session *pending_connect_session(const struct pending_connect *pc)
{
	return pc->session;
}

/* The ICMP that a router has sent is handed on as it is; else this host sends its own. Returns what
 * the client gets, in the journal's words. */
static const char *send_unreachable(struct pending_connect *pc, int error)
{
	struct pkt_conn *c = pc->conn;
	struct addr from = pc->icmp.from;
	uint8_t code = pc->icmp.code;

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

/* The client gets what it would have met without wedge. An error that only this host is to blame
 * for is no answer of the server's: silence, so that the client tries again. Returns what the
 * client gets, in the journal's words. */
static const char *refuse_client(struct pending_connect *pc, int error)
{
	switch (error) {
	case ECONNREFUSED:
	case ECONNRESET:
		if (pc->icmp.from.len)
			break;
		syn_hold_answer(pc->conn, SYN_REFUSE);
		return "RST";
	case 0:
	case ENETUNREACH:
	case EHOSTUNREACH:
	case EACCES:
	case ENOPROTOOPT:
		break;
	default:
		syn_hold_answer(pc->conn, SYN_SILENCE);
		return "nothing";
	}
	return send_unreachable(pc, error);
}

static const char *describe_refusal(int error)
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

static void journal_answer(const struct pending_connect *pc, json_int_t session, const char *answer,
			   const char *gets)
{
	struct engine *en = pc->proxy->engine;
	int64_t now = clock_now(en->env.clock);

	journal_event(en->env.journal, "connect_answered", "s:I, s:s, s:s, s:s, s:f", "session",
		      session, "leg", leg_name(LEG_CLIENT), "answer", answer, "client_gets", gets,
		      "after", clock_seconds(now - pc->began));
}

static void answer_cb(void *arg, enum connect_answer answer, int error)
{
	struct pending_connect *pc = arg;
	struct engine *en = pc->proxy->engine;
	json_int_t session = (json_int_t)pc->conn->session;

	if (answer == CONNECT_LET_IN) {
		journal_answer(pc, session, "accepted", "handshake");
		pc->let_in = true;
		timer_arm(en->env.timers, &pc->timer, clock_now(en->env.clock) + HANDSHAKE_MAX);
		syn_hold_answer(pc->conn, SYN_LET_IN);
		return;
	}
	if (answer == CONNECT_DENIED) {
		journal_answer(pc, session, "denied", "RST");
		syn_hold_answer(pc->conn, SYN_REFUSE);
	} else if (answer == CONNECT_REFUSED) {
		journal_answer(pc, session, describe_refusal(error), refuse_client(pc, error));
	} else {
		journal_answer(pc, session, "over", "nothing");
		syn_hold_answer(pc->conn, SYN_SILENCE);
	}
	pending_connect_free(pc);
}

/* The time (ns of the clock) at which the client, if no SYN has come until then, has given up. */
static int64_t silence_end(const struct pending_connect *pc)
{
	int64_t trying = pc->conn->last_seen - pc->began;

	return pc->conn->last_seen + SILENCE_MIN + 2 * trying;
}

static void timer_cb(void *arg, int64_t now)
{
	struct pending_connect *pc = arg;

	if (pc->let_in)
		session_close(pc->session, CLOSE_BROKEN,
			      "the client never completed its handshake");
	else if (now < silence_end(pc))
		timer_arm(pc->proxy->engine->env.timers, &pc->timer, silence_end(pc));
	else
		session_close(pc->session, CLOSE_BROKEN,
			      "the client has given up before its server had answered");
}

/* A SYN that a stage has held may come when its proxy has gone. One of this process's own is dealt
 * with when it is accepted (engine_proxy_loops). */
bool engine_connect_syn_held_cb(void *arg, struct pkt_conn *c)
{
	struct engine_proxy *p = arg;
	struct engine *en = p->engine;
	const struct addr *orig_dst = p->config.mode == PROXY_REDIRECT ? &c->orig_dst : &c->server;
	struct session_config config;
	struct session_route r;
	struct pending_connect *pc;
	struct session *s, *own;

	if (p->gone || p->config.early_accept || !orig_dst->len || en->draining ||
	    !engine_proxy_route(p, &c->client, orig_dst, &r) ||
	    server_legs_find(en->sessions->commons->legs, en->sessions, &c->client, &c->server,
			     orig_dst, &own))
		return false;
	pc = xcalloc(1, sizeof(*pc));
	pc->proxy = p;
	pc->conn = c;
	pc->began = c->last_seen;
	pc->timer.fn = timer_cb;
	pc->timer.arg = pc;
	c->pending = pc;
	TAILQ_INSERT_TAIL(&en->pending, pc, entry);
	engine_proxy_session(p, orig_dst, &r, &config);
	timer_arm(en->env.timers, &pc->timer, silence_end(pc));
	s = session_start_deferred(en->sessions, c->session, &c->client, &config,
				   engine_proxy_hooks(p, &r),
				   &(struct connect_waiter){.answer = answer_cb, .arg = pc});
	if (c->pending == pc) /* else its answer has come within the call */
		pc->session = s;
	return true;
}

void engine_connect_gave_up_cb(void *arg, struct pkt_conn *c)
{
	struct pending_connect *pc = c->pending;

	(void)arg;
	if (pc)
		session_close(pc->session, CLOSE_BROKEN, "client: RST before it was accepted");
}

/* The kernel of this host can't assign the ICMP to the dialling socket: the packet is for the
 * client's address, from which the socket connects. */
bool engine_connect_unreachable_cb(void *arg, const struct unreachable *u)
{
	struct engine_proxy *p = arg;
	struct pending_connect *pc;

	TAILQ_FOREACH (pc, &p->engine->pending, entry) {
		if (pc->proxy != p || pc->let_in || !pc->session ||
		    !session_is_dialling(pc->session, &u->src, &u->dst))
			continue;
		pc->icmp = *u;
		session_unreachable(pc->session, &u->dst, unreachable_errno(u));
		return true;
	}
	return false;
}
