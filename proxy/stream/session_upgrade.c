/* session_upgrade.c - a transport that looks at bytes before it takes them off the socket, so that
 * what follows the upgrade stays there for TLS: clear text that was pipelined behind it is then no
 * part of the session. */
#include "proxy/stream/session_upgrade.h"

#include "proxy/base/mem.h"
#include "proxy/stream/session_ask.h"
#include "proxy/stream/session_edit.h"
#include "proxy/stream/session_table.h"
#include "proxy/stream/tls/tls_session.h"
#include "proxy/stream/tls/tls_start.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>
#include <sys/socket.h>

#define TELL_AFTER (900 * NS_PER_MS) /* with what a loaded host adds: within a second */
#define TELL_MOST  10u /* lines without -v: a thousand clients say the same thousand times */
#define FIRST_MAX  TRANSPORT_FIRST   /* bytes of an end's first words that a line shows */
#define SHOWN_MAX  (4UL * FIRST_MAX) /* room for them as text */

struct upgrade_leg {
	struct transport t; /* first: a transport is its leg */
	struct session_upgrade *up;
	enum leg leg;
	unsigned char first[FIRST_MAX];
	size_t nfirst;
};

struct session_upgrade {
	struct session *session;
	struct tls_start start;
	bool clear; /* clear text comes first, or may; false: TLS at once, and this only watches */
	bool begun;
	struct upgrade_leg leg[LEG_COUNT];
	struct timer timer;
};

static void note_first(struct upgrade_leg *l, int fd)
{
	ssize_t n = l->nfirst ? 0 : recv(fd, l->first, sizeof(l->first), MSG_PEEK | MSG_DONTWAIT);

	if (n > 0)
		l->nfirst = (size_t)n;
}

static enum tls_start_kind guess_kind(const struct upgrade_leg *l)
{
	bool more;

	return tls_start_guess(l->leg, l->first, l->nfirst, &more);
}

/* "'220 mail ready'", or "bytes 00 00 00 08". */
static const char *show_first(const struct upgrade_leg *l, char out[SHOWN_MAX])
{
	size_t n = 0, at = 0;

	while (n < l->nfirst && isprint(l->first[n]))
		n++;
	if (n >= 3) {
		snprintf(out, SHOWN_MAX, "'%.*s'", (int)n, (const char *)l->first);
		return out;
	}
	at = (size_t)snprintf(out, SHOWN_MAX, "bytes");
	for (n = 0; n < l->nfirst && n < 8; n++)
		at += (size_t)snprintf(out + at, SHOWN_MAX - at, " %02x", l->first[n]);
	return out;
}

static void tell_line(struct session *s, const char *what)
{
	struct session_table *t = s->table;

	journal_event(t->env.journal, "tls_waits", "s:I, s:s", "session", (json_int_t)s->number,
		      "why", what);
	(t->tls_told++ < TELL_MOST ? log_warn : log_info)(
	    t->env.log, "session %" PRIu64 " (%s): %s", s->number, s->config.proxy, what);
}

/* An end has begun to speak, and not with TLS. */
static void tell_spoken(struct session *s, const struct upgrade_leg *l)
{
	enum tls_start_kind kind = guess_kind(l);
	char first[SHOWN_MAX], what[256];

	snprintf(what, sizeof(what),
		 "the %s begins with %s, which is no TLS; --tls-start %s waits for its upgrade",
		 leg_name(l->leg), show_first(l, first),
		 kind == TLS_START_AUTO	    ? "PROTOCOL"
		 : kind == TLS_START_DIRECT ? "auto"
					    : tls_start_names[kind]);
	tell_line(s, what);
}

static void tell_waiting(struct session_upgrade *u)
{
	struct session *s = u->session;
	enum tls_start_kind kind = s->config.tls_start;
	char what[256];

	snprintf(what, sizeof(what), "--tls-start %s waits for %s, and %s", tls_start_names[kind],
		 kind == TLS_START_DIRECT ? "the client's ClientHello" : tls_start_request(kind),
		 u->start.spoken[LEG_CLIENT] || u->start.spoken[LEG_SERVER]
		     ? "until then clear text passes"
		     : "nobody has said anything");
	tell_line(s, what);
}

static void timer_cb(void *arg, int64_t now)
{
	struct session_upgrade *u = arg;
	struct session *s = u->session;
	struct upgrade_leg *server = &u->leg[LEG_SERVER];
	char what[256];

	(void)now;
	if (u->begun || s->state == SESSION_CLOSED)
		return;
	if (s->ask) {
		if (session_ask_waits(s, what, sizeof(what)))
			tell_line(s, what);
		return;
	}
	if (!u->clear) {
		if (s->state != SESSION_HANDSHAKE || s->ep[LEG_CLIENT].ready ||
		    tls_session_sni(s->tls))
			return;
		note_first(server, s->ep[LEG_SERVER].fd);
		if (server->nfirst)
			tell_spoken(s, server);
		else
			tell_waiting(u);
		return;
	}
	if (u->start.state == TLS_START_NEVER || (u->start.known && u->start.spoken[LEG_CLIENT]))
		return;
	if (s->config.tls_start == TLS_START_DIRECT && server->nfirst)
		tell_spoken(s, server);
	else
		tell_waiting(u);
}

static void change_state(struct session_upgrade *u, enum leg from, enum tls_start_state before)
{
	struct session *s = u->session;
	enum tls_start_state now = u->start.state;
	const struct upgrade_leg *l = &u->leg[from];

	if (now == TLS_START_ASKED || (before == TLS_START_ASKED && now != TLS_START_AGREED))
		journal_event(s->table->env.journal, "tls_start", "s:I, s:s, s:s", "session",
			      (json_int_t)s->number, "protocol", tls_start_name(&u->start), "what",
			      now == TLS_START_ASKED ? "asked" : "refused");
	if (now == TLS_START_NEVER && (!u->start.known || u->start.kind == TLS_START_DIRECT))
		tell_spoken(s, l);
	s->ep[LEG_CLIENT].readable = true;
	session_wake(s);
}

/* While an end must wait: only its end is looked for. Once TLS is agreed on, TLS meets that. */
static ssize_t read_nothing(const struct transport *t, bool agreed)
{
	char byte;
	ssize_t n = recv(t->fd, &byte, 1, MSG_PEEK);

	if (n == 0 && !agreed)
		return 0;
	if (n >= 0)
		errno = EAGAIN;
	return -1;
}

static ssize_t upgrade_read(struct transport *t, void *p, size_t n)
{
	struct upgrade_leg *l = (struct upgrade_leg *)t;
	struct tls_start *start = &l->up->start;
	enum tls_start_state before = start->state;
	bool waited = tls_start_body_waits(start, LEG_CLIENT);
	ssize_t got;

	if (before == TLS_START_NEVER)
		return recv(t->fd, p, n, 0);
	if (before == TLS_START_AGREED || (before == TLS_START_ASKED && l->leg == LEG_CLIENT))
		return read_nothing(t, before == TLS_START_AGREED);
	got = recv(t->fd, p, n, MSG_PEEK);
	if (got <= 0)
		return got;
	note_first(l, t->fd);
	n = tls_start_read(start, l->leg, p, (size_t)got);
	if (start->state != before)
		change_state(l->up, l->leg, before);
	if (waited && !tls_start_body_waits(start, LEG_CLIENT)) {
		l->up->session->ep[LEG_CLIENT].readable = true;
		session_wake(l->up->session);
	}
	if (n)
		return recv(t->fd, p, n, 0);
	errno = EAGAIN;
	return -1;
}

void session_upgrade_init(struct session *s)
{
	const struct session_config *config = &s->config;
	bool starts = config->tls_start != TLS_START_DIRECT;
	struct session_upgrade *u;

	if (!config->tls && !starts && !config->reads_tls)
		return;
	u = s->upgrade = xcalloc(1, sizeof(*u));
	u->session = s;
	tls_start_init(&u->start, config->tls_start);
	if (starts && config->tls && !tls_session_handshake(s->tls, LEG_CLIENT))
		session_ask_init(s);
	u->clear = !s->ask && (!config->tls || starts);
	if (u->clear && config->tls && !tls_session_handshake(s->tls, LEG_SERVER))
		session_edit_init(s, &u->start);
	for (enum leg leg = 0; leg < LEG_COUNT; leg++) {
		u->leg[leg].up = u;
		u->leg[leg].leg = leg;
	}
	u->timer.fn = timer_cb;
	u->timer.arg = u;
}

void session_upgrade_free(struct session *s)
{
	if (!s->upgrade)
		return;
	timer_cancel(s->table->env.timers, &s->upgrade->timer);
	free(s->upgrade);
	s->upgrade = NULL;
}

bool session_upgrade_first(const struct session *s)
{
	return s->upgrade && s->upgrade->clear && !s->upgrade->begun;
}

bool session_upgrade_awaited(const struct session *s)
{
	return session_upgrade_first(s);
}

void session_upgrade_wrap(struct session *s, struct endpoint *ep)
{
	static struct transport_ops ops;
	struct upgrade_leg *l = &s->upgrade->leg[ep->leg];

	ops = transport_plain;
	ops.read = upgrade_read;
	l->t = (struct transport){.ops = &ops, .fd = ep->fd};
	ep->io = &l->t;
	if (s->edit)
		session_edit_clear(s, ep);
}

void session_upgrade_connected(struct session *s)
{
	struct session_upgrade *u = s->upgrade;
	struct env *env = &s->table->env;

	if (u)
		timer_arm(env->timers, &u->timer, clock_now(env->clock) + TELL_AFTER);
}

static bool is_quiet(const struct flow *f)
{
	return !f->held && !f->undelivered;
}

/* Both ends are read on, past what has been waited for. */
static void release_legs(struct session *s)
{
	for (enum leg leg = 0; leg < LEG_COUNT; leg++)
		s->ep[leg].readable = true;
}

static void end_clear_text(struct session *s)
{
	struct session_upgrade *u = s->upgrade;

	u->begun = true;
	timer_cancel(s->table->env.timers, &u->timer);
	journal_event(s->table->env.journal, "tls_start", "s:I, s:s, s:s", "session",
		      (json_int_t)s->number, "protocol", tls_start_name(&u->start), "what",
		      "begins");
	for (enum leg leg = 0; leg < LEG_COUNT; leg++)
		s->ep[leg].io = &s->ep[leg].plain;
	release_legs(s);
}

bool session_upgrade_turn(struct session *s)
{
	struct session_upgrade *u = s->upgrade;
	struct flow *up = &s->flow[DIR_UPSTREAM], *down = &s->flow[DIR_DOWNSTREAM];

	if (!u)
		return false;
	if (!u->clear && (s->state == SESSION_HANDSHAKE || s->state == SESSION_DIALLING))
		for (enum leg leg = 0; leg < LEG_COUNT; leg++)
			if (!s->ep[leg].ready && s->ep[leg].fd != -1)
				note_first(&u->leg[leg], s->ep[leg].fd);
	if (!u->clear || u->begun || s->state != SESSION_OPEN || u->start.state != TLS_START_AGREED)
		return false;
	if (up->end_in != END_NONE || down->end_in != END_NONE) {
		u->start.state = TLS_START_NEVER; /* an end has gone meanwhile */
		release_legs(s);
	} else if (is_quiet(up) && is_quiet(down)) {
		end_clear_text(s);
	}
	return u->begun;
}

void session_upgrade_moved(struct session *s)
{
	if (session_upgrade_first(s) && s->upgrade->start.state == TLS_START_AGREED)
		session_wake(s);
}

void session_upgrade_explain(const struct session *s, char *out, size_t n)
{
	const struct session_upgrade *u = s->upgrade;
	enum tls_start_kind kind;

	*out = '\0';
	if (!session_upgrade_first(s) || !s->server.len)
		return;
	kind = u->start.kind;
	if (u->start.state == TLS_START_AGREED)
		snprintf(out, n, "; TLS was agreed on and never began");
	else if (u->start.refusals)
		snprintf(out, n, "; TLS never began: the server refused %s",
			 tls_start_request(kind));
	else if (u->start.state == TLS_START_ASKED)
		snprintf(out, n, "; TLS never began: the server didn't answer %s",
			 tls_start_request(kind));
	else
		snprintf(out, n, "; TLS never began: --tls-start %s met no %s",
			 tls_start_names[s->config.tls_start],
			 kind == TLS_START_AUTO ? "protocol that it knows"
						: tls_start_request(kind));
}

/* TLS may have taken the first of them before anybody has looked: they stand before those that are
 * still in the socket. */
static void complete_first(struct upgrade_leg *l, const struct endpoint *ep)
{
	const struct transport_words *w = ep->io->words;
	ssize_t n;

	if (!w || !w->nfirst)
		return;
	memcpy(l->first, w->first, w->nfirst);
	l->nfirst = w->nfirst;
	if (ep->fd == -1 || l->nfirst == sizeof(l->first))
		return;
	n = recv(ep->fd, l->first + l->nfirst, sizeof(l->first) - l->nfirst,
		 MSG_PEEK | MSG_DONTWAIT);
	l->nfirst += n > 0 ? (size_t)n : 0;
}

void session_upgrade_explain_failure(const struct session *s, enum leg leg, char *out, size_t n)
{
	struct upgrade_leg *l = s->upgrade ? &s->upgrade->leg[leg] : NULL;
	enum tls_start_kind kind;
	char first[SHOWN_MAX];

	if (l)
		complete_first(l, &s->ep[leg]);
	*out = '\0';
	if (!l || !l->nfirst || s->upgrade->clear || s->ask || l->first[0] == 22 ||
	    l->first[0] == 21)
		return;
	kind = guess_kind(l);
	snprintf(out, n, " (it began with %s%s%s)", show_first(l, first),
		 kind == TLS_START_AUTO ? "" : ": --tls-start ",
		 kind == TLS_START_AUTO ? "" : tls_start_names[kind]);
}
