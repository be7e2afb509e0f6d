/* session_begin.c - both beginnings end where the server leg and the client leg stand: a session is
 * then set up, and open. */
#include "proxy/stream/session_begin.h"

#include "proxy/base/mark.h"
#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"
#include "proxy/stream/leg_setup.h"
#include "proxy/stream/refusal.h"
#include "proxy/stream/session.h"
#include "proxy/stream/session_acks.h"
#include "proxy/stream/session_close.h"
#include "proxy/stream/session_wire.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

static void journal_begin(const struct session *s)
{
	const struct session_config *config = &s->config;
	char text[ADDR_TEXT], orig_dst[ADDR_TEXT];

	if (!s->table->env.journal)
		return;
	journal_event(s->table->env.journal, "session_open", "s:I, s:s, s:s, s:s*, s:s, s:i",
		      "session", (json_int_t)s->number, "proxy", config->proxy, "client",
		      addr_format(&s->client, text), "wanted",
		      config->mapped ? addr_format(&config->orig_dst, orig_dst) : NULL, "upstream",
		      config->upstream->host, "port", (int)config->upstream->port);
}

static struct session *session_new(struct session_table *t, uint64_t number,
				   const struct addr *client, const struct session_config *config,
				   const struct session_hooks *hooks)
{
	struct session *s = xcalloc(1, sizeof(*s));
	struct endpoint *c = &s->ep[LEG_CLIENT], *v = &s->ep[LEG_SERVER];
	struct flow *up = &s->flow[DIR_UPSTREAM], *down = &s->flow[DIR_DOWNSTREAM];

	s->table = t;
	s->number = number;
	s->client = *client;
	s->config = *config;
	if (config->passed && config->passed->n) {
		s->passed = xcalloc(1, sizeof(*s->passed));
		*s->passed = passed_copy(config->passed);
	}
	s->config.passed = NULL;
	s->dial = xcalloc(1, sizeof(*s->dial));
	s->dial->way.spare = -1;
	s->dial->name = *config->upstream;
	s->config.upstream = &s->dial->name;
	s->upstream_port = config->upstream->port;
	if (addr_parse_host(config->upstream->host, config->upstream->port, &s->literal, NULL) ==
	    -1)
		s->literal.len = 0; /* a name, which is resolved later */
	s->hooks = *hooks;
	session_hooks_complete(&s->hooks);
	leg_setup_init(s);
	s->server_fd = -1;
	s->began = clock_now(t->env.clock);
	flow_init(up, &t->env, DIR_UPSTREAM, number, &session_flow_host, s);
	flow_init(down, &t->env, DIR_DOWNSTREAM, number, &session_flow_host, s);
	up->pause = PAUSE_CONNECT;
	up->time.paused = s->began;
	endpoint_init(c, s, LEG_CLIENT, v, up, down);
	endpoint_init(v, s, LEG_SERVER, c, down, up);
	session_acks_init(s);
	session_enlist(s);
	journal_begin(s);
	return s;
}

/* The server was to see the client's address and port. The port may be taken on this host, or need
 * a right; the address is none to a server of the other family or on this host. */
static void journal_other_source(const struct session *s)
{
	struct addr local, there;
	char text[ADDR_TEXT];

	if (!s->config.as_client)
		return;
	sock_local(s->ep[LEG_SERVER].fd, &local);
	there = local;
	addr_set_port(&there, addr_port(&s->client));
	if (!addr_equal(&there, &s->client))
		journal_event(s->table->env.journal, "client_address_not_kept", "s:I, s:s",
			      "session", (json_int_t)s->number, "address",
			      addr_format(&local, text));
	else if (addr_port(&local) != addr_port(&s->client))
		journal_event(s->table->env.journal, "client_port_taken", "s:I, s:i, s:i",
			      "session", (json_int_t)s->number, "client_port",
			      (int)addr_port(&s->client), "port", (int)addr_port(&local));
}

/* Of these errors this host alone is the cause: it has no local port, descriptor, memory or watch
 * (fs.epoll.max_user_watches) left. */
static bool is_shortage(int error)
{
	return error == EADDRNOTAVAIL || error == EADDRINUSE || error == EMFILE ||
	       error == ENFILE || error == ENOBUFS || error == ENOMEM || error == ENOSPC;
}

/* A client sends its SYN again and again: only the first is told of, the others are counted. */
static void tell_shortage(struct session *s, const char *why)
{
	struct session_table *t = s->table;

	if (atomic_fetch_add(&t->commons->shortages, 1) == 0)
		log_warn(t->env.log,
			 "%s: session %" PRIu64 " got no connection to its server, for want of "
			 "local ports, descriptors or memory of this host: %s; more are counted, "
			 "and told of at the end",
			 s->config.proxy, s->number, why);
}

/* Of a leg that can't be watched nothing would ever be heard. */
static void open_endpoint(struct session *s, enum leg leg, int fd)
{
	char why[160];

	if (endpoint_open(&s->ep[leg], &s->table->ground, fd, session_endpoint_cb) == 0)
		return;
	snprintf(why, sizeof(why), "%s: its socket can't be watched: %s", leg_name(leg),
		 strerror(errno));
	tell_shortage(s, why);
	session_close(s, CLOSE_SHORTAGE, "%s", why);
}

/* Both legs stand. */
static void open_legs(struct session *s)
{
	const struct accept_verdict *verdict = refusal_verdict(s);
	int fd = s->server_fd;

	s->server_fd = -1;
	session_set_state(s, SESSION_HANDSHAKE);
	open_endpoint(s, LEG_SERVER, fd);
	if (s->state == SESSION_CLOSED)
		return;
	leg_setup_connected(s);
	session_acks_open(s);
	journal_event(s->table->env.journal, "session_connected", "s:I", "session",
		      (json_int_t)s->number);
	journal_other_source(s);
	s->hooks.connected(s->hooks.arg, s);
	for (enum leg leg = 0; leg < LEG_COUNT; leg++)
		if (verdict->leg[leg])
			session_flow_host.reset(&s->flow[DIR_UPSTREAM], leg, false, verdict->why);
	if (s->state == SESSION_OPEN)
		flow_resume(&s->flow[DIR_UPSTREAM], PAUSE_CONNECT);
	session_turn(s);
}

static void dial_done(void *arg, int fd, const struct addr *addr, const char *why)
{
	struct session *s = arg;

	if (fd == -1) {
		if (is_shortage(s->dial->error))
			tell_shortage(s, why);
		if (!connect_waiter_answer(&s->pending, CONNECT_REFUSED, s->dial->error))
			journal_event(s->table->env.journal, "connect_failed", "s:I, s:s, s:s",
				      "session", (json_int_t)s->number, "leg", leg_name(LEG_CLIENT),
				      "why", why);
		session_close(s, CLOSE_UNREACHABLE, "%s", why);
		return;
	}
	s->server = *addr;
	s->server_fd = fd;
	session_end_dial(s);
	if (!s->pending.answer) {
		open_legs(s);
		return;
	}
	edge_set_remove(s->table->ground.edges, NULL, fd); /* until its client is accepted */
	connect_waiter_answer(&s->pending, CONNECT_LET_IN, 0);
}

/* The other end may be a listener of this process's, and accepted by another thread before connect
 * returns. */
static void dial_connects(void *arg, bool now)
{
	const struct session *s = arg;

	server_legs_connecting(s->table->commons->legs, now);
}

static void dial_began(void *arg, int fd, const struct addr *addr)
{
	struct session *s = arg;

	if (!s->config.as_client)
		server_legs_note(s->table->commons->legs, s, fd, addr);
	session_journal_dial(s, fd, addr);
}

static void dial_began_outside(void *arg, const struct addr *local, const struct addr *addr)
{
	session_journal_outside(arg, local, addr);
}

static void prepare_dial(struct session *s, int spare)
{
	const struct session_config *config = &s->config;

	s->dial->way = (struct attempt_way){
	    .loop = s->table->loop,
	    .timers = s->table->env.timers,
	    .clock = s->table->env.clock,
	    .mark = config->mark       ? config->mark
		    : s->table->marked ? mark_server_leg(s->number)
				       : 0,
	    .rcvbuf = config->rcvbuf[LEG_SERVER],
	    .timeout = config->connect_timeout,
	    .source = config->as_client ? s->client : (struct addr){.len = 0},
	    .may_be_here = config->mapped,
	    .spare = spare,
	    .connector = config->connector,
	    .connecting = config->as_client ? NULL : dial_connects,
	    .began = dial_began,
	    .began_outside = s->table->env.journal ? dial_began_outside : NULL,
	    .ended = session_journal_tried,
	    .arg = s,
	};
	s->dial->one_by_one = config->one_by_one;
	s->dial->done = dial_done;
	s->dial->arg = s;
}

/* Asks a silent client whether it is still there, as a server does whose keep-alive time this is.
 * What doesn't answer is asked again every second (KeepAliveInterval of Windows: 1 s; Linux's 75 s
 * would also be the time until a client that has answered once is asked next), five times
 * (TcpMaxDataRetransmissions), and then it is gone. */
static void ask_after_client(int fd, int64_t idle)
{
	int on = 1, seconds = (int)(idle / NS_PER_S), times = 5;

	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof(seconds));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof(times));
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

static void open_client(struct session *s, int fd)
{
	int64_t keepalive = refusal_verdict(s)->keepalive;

	if (keepalive && !refusal_due(s))
		ask_after_client(fd, keepalive);
	open_endpoint(s, LEG_CLIENT, fd);
	if (s->state == SESSION_CLOSED)
		return;
	if (refusal_due(s))
		refusal_begin(s);
	else
		leg_setup_begin(s);
	if (!refusal_due(s))
		s->hooks.open(s->hooks.arg, s);
}

struct session *session_start(struct session_table *t, uint64_t number, int client_fd, int spare,
			      const struct addr *client, const struct session_config *config,
			      const struct session_hooks *hooks)
{
	struct session *s = session_new(t, number, client, config, hooks);

	session_journal_client(s, client_fd);
	prepare_dial(s, spare);
	refusal_ask(s);
	open_client(s, client_fd);
	if (s->state == SESSION_DIALLING)
		dial_start(s->dial, t->resolver);
	return s;
}

struct session *session_start_deferred(struct session_table *t, uint64_t number,
				       const struct addr *client,
				       const struct session_config *config,
				       const struct session_hooks *hooks,
				       const struct connect_waiter *pending)
{
	struct session *s = session_new(t, number, client, config, hooks);

	s->pending = *pending;
	prepare_dial(s, -1);
	refusal_ask(s);
	/* Any other client is turned away after it has been accepted; its server learns nothing. */
	if (refusal_verdict(s)->action == ACCEPT_REFUSE)
		refusal_answer_syn(s);
	else if (refusal_due(s) || config->accept_first)
		connect_waiter_answer(&s->pending, CONNECT_LET_IN, 0);
	else
		dial_start(s->dial, t->resolver);
	return s;
}

void session_let_in(struct session *s, int client_fd, int spare)
{
	bool dials = s->config.accept_first;

	s->pending.answer = NULL;
	if (dials)
		s->dial->way.spare = spare;
	else
		close(spare);
	open_client(s, client_fd);
	if (s->state != SESSION_DIALLING)
		return;
	if (dials)
		dial_start(s->dial, s->table->resolver);
	else
		open_legs(s);
}
