/* leg_setup.c - the client's hello lets the server's handshake begin, and its end lets the client
 * be answered; what the failure of one leg means for the other. */
#include "proxy/stream/leg_setup.h"

#include "proxy/base/sockopt.h"
#include "proxy/stream/proxy_protocol_send.h"
#include "proxy/stream/session_ask.h"
#include "proxy/stream/session_close.h"
#include "proxy/stream/session_table.h"
#include "proxy/stream/session_upgrade.h"
#include "proxy/stream/tls/tls_handshake_flow.h"
#include "proxy/stream/tls/tls_session.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <sys/socket.h>

static void wrap_endpoint(struct session *s, struct endpoint *ep)
{
	struct transport *io;

	if (session_upgrade_first(s)) {
		session_upgrade_wrap(s, ep);
		return;
	}
	if (s->ask && ep->leg == LEG_SERVER) {
		session_ask_wrap(s);
		return;
	}
	io = s->tls ? tls_session_wrap(s->tls, ep->leg, ep->fd) : NULL;
	if (io)
		endpoint_wrap(ep, io);
}

static void host_wake(void *arg)
{
	struct session *s = arg;

	if (s->state != SESSION_CLOSED)
		session_wake(s);
}

static void host_named(void *arg)
{
	struct session *s = arg;

	s->hooks.named(s->hooks.arg, s);
}

static void host_reset(void *arg, const char *why)
{
	session_close(arg, CLOSE_STAGE, "%s", why);
}

static void host_finish(void *arg, enum leg leg)
{
	struct session *s = arg;
	struct endpoint *ep = &s->ep[leg];

	s->closes = true;
	if (ep->fd == -1)
		return;
	if (ep->ready)
		ep->io->ops->finish(ep->io);
	shutdown(ep->fd, SHUT_WR);
}

static const struct tls_handshake_host host = {
    .wake = host_wake,
    .named = host_named,
    .reset = host_reset,
    .finish = host_finish,
};

void leg_setup_init(struct session *s)
{
	const struct session_config *config = &s->config;

	if (config->tls)
		s->tls = tls_session_new(config->tls, config->upstream, &s->table->env, s->number,
					 &host, s);
	session_upgrade_init(s);
}

void leg_setup_begin(struct session *s)
{
	proxy_protocol_send_begin(s);
	wrap_endpoint(s, &s->ep[LEG_CLIENT]);
}

/* The last bytes before the session's own; the server may have no room for them. */
static void finish_setup(struct session *s)
{
	proxy_protocol_send(s);
	if (s->state == SESSION_HANDSHAKE)
		session_set_state(s, SESSION_OPEN);
}

void leg_setup_connected(struct session *s)
{
	wrap_endpoint(s, &s->ep[LEG_SERVER]);
	session_upgrade_connected(s);
	if (s->tls && !session_upgrade_first(s))
		tls_session_connected(s->tls);
	else
		finish_setup(s);
}

void leg_setup_tls(struct session *s)
{
	wrap_endpoint(s, &s->ep[LEG_CLIENT]);
	wrap_endpoint(s, &s->ep[LEG_SERVER]);
	tls_session_connected(s->tls);
}

/* A failed handshake ends both connections, each as far as it has come: a client whose hello waits
 * for the server's is answered by an alert; a FIN is a FIN; everything else is RST. */
static void fail_setup(struct session *s, struct endpoint *ep)
{
	struct endpoint *client = &s->ep[LEG_CLIENT];
	char instead[160];

	session_upgrade_explain_failure(s, ep->leg, instead, sizeof(instead));
	if (ep->leg == LEG_SERVER && !ep->error && !ep->io->eof && !client->ready)
		endpoint_setup(client);
	session_close(s, ep->io->eof ? CLOSE_DONE : CLOSE_BROKEN, "%s: %s%s", leg_name(ep->leg),
		      transport_why(ep->io), instead);
}

static void journal_leg(const struct session *s, const struct endpoint *ep)
{
	struct tls_facts facts;

	tls_session_facts(s->tls, ep->leg, &facts);
	journal_event(s->table->env.journal, "tls", "s:I, s:s, s:s, s:s, s:s, s:s, s:b", "session",
		      (json_int_t)s->number, "leg", leg_name(ep->leg), "version", facts.version,
		      "cipher", facts.cipher, "sni", facts.sni, "alpn", facts.alpn, "resumed",
		      facts.resumed);
}

/* A leg that failed while the server was dialled: its socket's error is the transport's by now. */
static void note_failed_client(struct endpoint *ep)
{
	if (!ep->io->eof && sock_is_over(ep->fd))
		ep->error = ECONNRESET;
}

/* An end within its handshake, which waits for the other leg's, so that nobody would read it. What
 * came before it is read first: it may be the alert that says why. */
static bool has_left(const struct endpoint *ep)
{
	char byte;

	return !ep->ready && !ep->error && !ep->peer->ready && sock_has_fin(ep->fd) &&
	       recv(ep->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/* Whether the session goes on. A client that fails while the server is dialled is dealt with when
 * it stands, for the server may see how the client ended, as it would without wedge
 * (client_gone.h). */
static bool step_leg(struct session *s, struct endpoint *ep)
{
	if (ep->fd == -1)
		return true;
	if (s->state == SESSION_DIALLING) {
		if (!ep->ready && !ep->error && endpoint_setup(ep) == LEG_SETUP_FAILED)
			note_failed_client(ep);
		return true;
	}
	if (ep->error) {
		session_close(s, CLOSE_BROKEN, "%s: %s before the handshake was done",
			      leg_name(ep->leg),
			      ep->error == ECONNRESET ? "RST" : strerror(ep->error));
		return false;
	}
	if (ep->ready)
		return true;
	switch (endpoint_setup(ep)) {
	case LEG_SETUP_FAILED:
		fail_setup(s, ep);
		return false;
	case LEG_SETUP_DONE:
		journal_leg(s, ep);
		return true;
	default:
		if (!has_left(ep))
			return true;
		session_close(s, CLOSE_DONE, "%s: FIN in the TLS handshake", leg_name(ep->leg));
		return false;
	}
}

void leg_setup_turn(struct session *s)
{
	struct endpoint *client = &s->ep[LEG_CLIENT], *server = &s->ep[LEG_SERVER];

	if (!s->tls || (s->state != SESSION_DIALLING && s->state != SESSION_HANDSHAKE))
		return;
	/* The client's hello lets the server's handshake begin, whose end lets the client be
	 * answered. */
	if (!step_leg(s, client))
		return;
	if (s->state == SESSION_HANDSHAKE)
		proxy_protocol_send(s);
	if (!step_leg(s, server) || !step_leg(s, client))
		return;
	if (s->closes && tls_session_stopped(s->tls)) {
		session_close(s, CLOSE_DONE, "an impairment ended its TLS handshake");
		return;
	}
	if (s->state != SESSION_HANDSHAKE || !client->ready || !server->ready)
		return;
	finish_setup(s);
	session_ask_finish(s);
	if (s->state == SESSION_OPEN)
		flow_resume(&s->flow[DIR_UPSTREAM], PAUSE_CONNECT);
}
