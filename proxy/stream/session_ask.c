/* session_ask.c - a transport whose set-up is the talk before TLS, and whose place TLS takes. Bytes
 * are looked at before they are taken: what is behind the server's answer is for TLS. */
#include "proxy/stream/session_ask.h"

#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"
#include "proxy/stream/session_edit.h"
#include "proxy/stream/session_table.h"
#include "proxy/stream/tls/tls_ask.h"
#include "proxy/stream/tls/tls_session.h"
#include "proxy/stream/tls/tls_start.h"

#include <errno.h>
#include <event2/buffer.h>
#include <jansson.h>
#include <string.h>
#include <sys/socket.h>

#define LOOK 64 /* bytes of the client's that are looked at: its login's head */

struct session_ask {
	struct transport t; /* first: a transport is its ask */
	struct transport_words words;
	struct session *session;
	struct tls_ask ask;
	char host[ADDR_TEXT + 8]; /* RFC 5321 section 4.1.3 */
	bool asked, over, greeted;
};

static void note_step(struct session_ask *a, const char *what)
{
	struct session *s = a->session;

	journal_event(s->table->env.journal, "tls_start", "s:I, s:s, s:s", "session",
		      (json_int_t)s->number, "protocol", tls_start_names[a->ask.kind], "what",
		      what);
}

static enum leg_setup fail_setup(struct session_ask *a, const char *why)
{
	if (a->ask.state == TLS_ASK_REFUSED)
		note_step(a, "refused");
	snprintf(a->words.why, sizeof(a->words.why), "%s", why);
	return LEG_SETUP_FAILED;
}

/* The first bytes of this host's on a connection: the kernel has room for them. */
static bool send_words(struct session_ask *a)
{
	size_t n = a->ask.nsay;

	a->ask.nsay = 0;
	if (!a->asked)
		note_step(a, "asked");
	a->asked = true;
	return send(a->t.fd, a->ask.say, n, MSG_NOSIGNAL) == (ssize_t)n;
}

static void push_greeting(struct session_ask *a)
{
	struct session *s = a->session;
	struct evbuffer *buf;

	if (a->greeted || !a->ask.ngreeting)
		return;
	a->greeted = true;
	buf = evbuffer_new();
	BUG_ON(!buf || evbuffer_add(buf, a->ask.greeting, a->ask.ngreeting) == -1);
	s->ep[LEG_SERVER].got += a->ask.ngreeting;
	flow_push(&s->flow[DIR_DOWNSTREAM], buf);
	evbuffer_free(buf);
}

/* Returns whether what the client has said tells something. */
static bool look_at_client(struct session_ask *a)
{
	enum tls_ask_state before = a->ask.state;
	enum tls_start_kind kind = a->ask.kind;
	unsigned char p[LOOK];
	ssize_t n = recv(a->session->ep[LEG_CLIENT].fd, p, sizeof(p), MSG_PEEK | MSG_DONTWAIT);

	if (n > 0)
		tls_ask_look(&a->ask, p, (size_t)n);
	return a->ask.state != before || a->ask.kind != kind;
}

/* Returns whether there is more to be done now; FAILED in *setup ends it. */
static bool read_server(struct session_ask *a, enum leg_setup *setup)
{
	unsigned char p[TLS_ASK_LINE];
	ssize_t n = recv(a->t.fd, p, sizeof(p), MSG_PEEK);
	size_t k;

	if (n == -1 && errno == EINTR)
		return true;
	if (n == -1 && errno == EAGAIN)
		return a->ask.kind == TLS_START_AUTO && look_at_client(a);
	if (n <= 0) {
		a->t.eof = n == 0;
		*setup = fail_setup(a, n ? strerror(errno) : "FIN before its upgrade to TLS");
		return false;
	}
	k = tls_ask_read(&a->ask, p, (size_t)n);
	if (k)
		(void)!recv(a->t.fd, p, k, 0);
	return k || a->ask.nsay || a->ask.state != TLS_ASK_WAITS;
}

/* Mysql: the client logs in as soon as it has been greeted, and that says what to ask for. */
static bool await_login(struct session_ask *a, enum leg_setup *setup)
{
	struct endpoint *client = &a->session->ep[LEG_CLIENT];

	push_greeting(a);
	if (look_at_client(a))
		return true;
	if (client->fd != -1 && sock_has_fin(client->fd))
		*setup = fail_setup(a, "its client has gone before it logged in");
	return false;
}

static enum leg_setup begin_tls(struct session_ask *a)
{
	struct session *s = a->session;

	a->over = true;
	note_step(a, "begins");
	endpoint_wrap(&s->ep[LEG_SERVER], tls_session_wrap(s->tls, LEG_SERVER, a->t.fd));
	session_wake(s);
	return LEG_SETUP_WAIT;
}

static enum leg_setup ask_setup(struct transport *t)
{
	struct session_ask *a = (struct session_ask *)t;
	enum leg_setup setup = LEG_SETUP_WAIT;
	bool more = true;

	while (more) {
		if (a->ask.nsay && !send_words(a))
			return fail_setup(a, "it took no request for TLS");
		if (a->ask.state == TLS_ASK_AGREED)
			return begin_tls(a);
		if (a->ask.state == TLS_ASK_REFUSED)
			return fail_setup(a, a->ask.why);
		if (a->ask.state == TLS_ASK_LOGIN)
			more = await_login(a, &setup);
		else
			more = read_server(a, &setup);
	}
	return setup;
}

void session_ask_init(struct session *s)
{
	struct session_ask *a = s->ask = xcalloc(1, sizeof(*a));

	a->session = s;
}

void session_ask_free(struct session *s)
{
	free(s->ask);
	s->ask = NULL;
}

void session_ask_wrap(struct session *s)
{
	static struct transport_ops ops;
	struct endpoint *ep = &s->ep[LEG_SERVER];
	struct session_ask *a = s->ask;
	char text[ADDR_TEXT];
	struct addr local;

	sock_local(ep->fd, &local);
	addr_format_host(&local, text);
	snprintf(a->host, sizeof(a->host), "[%s%s]", strchr(text, ':') ? "IPv6:" : "", text);
	tls_ask_init(&a->ask, s->config.tls_start, a->host);
	ops = transport_plain;
	ops.setup = ask_setup;
	a->t = (struct transport){.ops = &ops, .fd = ep->fd, .words = &a->words};
	endpoint_wrap(ep, &a->t);
}

void session_ask_finish(struct session *s)
{
	if (!s->ask)
		return;
	push_greeting(s->ask);
	session_edit_hide(s, s->ask->ask.kind);
}

bool session_ask_waits(const struct session *s, char *out, size_t n)
{
	const struct session_ask *a = s->ask;

	if (s->state != SESSION_HANDSHAKE || a->over)
		return false;
	if (a->ask.state == TLS_ASK_LOGIN)
		snprintf(out, n, "--tls-start mysql waits for the client's login");
	else if (a->ask.kind == TLS_START_AUTO)
		snprintf(out, n, "--tls-start auto waits for the first words of either end");
	else
		snprintf(out, n, "--tls-start %s waits for the server's %s",
			 tls_start_names[a->ask.kind],
			 a->asked ? "answer to its request for TLS" : "greeting");
	return true;
}
