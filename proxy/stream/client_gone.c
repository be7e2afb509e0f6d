/* client_gone.c - the client's end goes as it goes in an open session, through the flow behind its
 * bytes: what comes out of it, nobody is left to see. */
#include "proxy/stream/client_gone.h"

#include "proxy/base/sockopt.h"
#include "proxy/stream/session_close.h"
#include "proxy/stream/session_table.h"

/* The SYN that is out was sent while the client lived: a server that answers it so soon sees the
 * client come and go, as without wedge. It isn't sent again for a client that has gone. */
#define ANSWER_MAX DIAL_ATTEMPT_DELAY

bool client_gone_in_handshake(const struct session *s)
{
	const struct endpoint *c = &s->ep[LEG_CLIENT];

	return s->tls && c->fd != -1 && !c->ready && !c->error && sock_has_fin(c->fd);
}

static void give_up(struct session *s)
{
	session_close(s, CLOSE_BROKEN, "client: %s before its server had answered",
		      s->ep[LEG_CLIENT].error ? "RST" : "FIN");
}

/* Lets its bytes into the flow, and the end behind them. */
static void look_for_end(void *arg, int64_t now)
{
	struct session *s = arg;

	(void)now;
	s->client_gone = CLIENT_GONE_READ;
	flow_resume(&s->flow[DIR_UPSTREAM], PAUSE_CONNECT);
	session_wake(s);
}

static void begin_wait(struct session *s)
{
	s->client_gone = CLIENT_GONE_WAIT;
	timer_arm(s->table->env.timers, &session_wait_with(s, look_for_end)->timer,
		  clock_now(s->table->env.clock) +
		      (s->dial && dial_is_trying(s->dial) ? ANSWER_MAX : 0));
}

/* A stage has bytes, or keeps the client's from being read, or has its end. */
static bool is_kept(const struct session *s)
{
	const struct flow *up = &s->flow[DIR_UPSTREAM];

	if (s->tls || s->ep[LEG_SERVER].ending != END_NONE)
		return false;
	return up->held || up->stage_pauses || (up->end_in != END_NONE && up->end_out == END_NONE);
}

void client_gone_settle(struct session *s)
{
	const struct endpoint *c = &s->ep[LEG_CLIENT];
	bool unread = !s->tls && c->error && !c->in_done && flow_readable(c->from);

	if (!c->error && !client_gone_in_handshake(s))
		return;
	if (s->client_gone == CLIENT_HERE)
		begin_wait(s);
	else if (s->client_gone == CLIENT_GONE_READ && !unread && !is_kept(s))
		give_up(s);
}
