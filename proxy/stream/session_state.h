/* session_state.h - one client connection through wedge as data: two endpoints, two flows, what it
 * was given, and its state. The files of a session share it; what happens to it is theirs. */
#ifndef WEDGE_STREAM_SESSION_STATE_H
#define WEDGE_STREAM_SESSION_STATE_H

#include "proxy/stream/ack_pace.h"
#include "proxy/stream/connect_waiter.h"
#include "proxy/stream/dial.h"
#include "proxy/stream/endpoint.h"
#include "proxy/stream/flow/flow.h"
#include "proxy/stream/passed.h"
#include "proxy/stream/session_config.h"
#include "proxy/stream/session_hooks.h"

#include <sys/queue.h>

struct refusal;
struct server_leg;
struct session_ask;
struct session_edit;
struct session_table;
struct session_upgrade;
struct tls_session;

enum session_state {
	SESSION_DIALLING,  /* no server leg yet, or the client isn't accepted yet */
	SESSION_REFUSED,   /* the server isn't dialled: the client meets its accept_verdict */
	SESSION_HANDSHAKE, /* both legs are connected and being set up (leg_setup.h) */
	SESSION_OPEN,	   /* bytes may move */
	SESSION_CLOSING,   /* both FINs are sent; the peers have yet to acknowledge everything */
	SESSION_CLOSED,	   /* the sockets are closed; the table frees the session */
	SESSION_STATES,
};

/* A client that has gone while its server is dialled (client_gone.h). */
enum client_gone {
	CLIENT_HERE,
	CLIENT_GONE_WAIT, /* its server has a moment to answer in */
	CLIENT_GONE_READ, /* what it has sent goes through the flow */
};

enum close_why {
	CLOSE_DONE,	   /* FIN both ways */
	CLOSE_BROKEN,	   /* RST from a peer, or a connection timed out */
	CLOSE_UNREACHABLE, /* no connection to the upstream */
	CLOSE_STAGE,	   /* an impairment reset or refused it */
	CLOSE_STOPPED,	   /* wedge stops */
	CLOSE_SHORTAGE,	   /* this host has no means left for it */
};

/* A wait: while a gone client's server may answer, then while an RST waits for the bytes before it.
 */
struct session_wait {
	struct timer timer;
	int64_t step; /* ns until the next look at an RST; 0: none waits */
	struct rst_progress progress[LEG_COUNT];
};

struct session {
	struct session_table *table;
	uint64_t number;
	struct endpoint ep[LEG_COUNT];
	struct flow flow[DIR_COUNT];
	struct ack_pace *pace;	    /* one a direction; NULL: none is paced (config.paced) */
	struct addr literal;	    /* the upstream's address; len 0: it has a name */
	struct addr client, server; /* server: len 0 until it is dialled */
	enum session_state state;
	enum client_gone client_gone;
	enum close_why cause;
	int server_fd; /* connected before the client is accepted; else -1 */
	uint16_t upstream_port;
	bool awake;	  /* in the table's list for the end of this turn */
	bool closes;	  /* a stage has ended both directions: a leg that has its FIN is closed */
	bool cause_known; /* cause and text say why the session will end */
	struct session_config config;
	struct session_hooks hooks;	 /* none is NULL */
	struct refusal *refusal;	 /* NULL unless hooks.accept decides something */
	struct dial *dial;		 /* NULL: the server is dialled, or won't be */
	LIST_HEAD(, server_leg) legs;	 /* its attempts at a server */
	struct passed *passed;		 /* before it came here; NULL: it has been through none */
	struct connect_waiter pending;	 /* empty: the client is accepted */
	struct tls_session *tls;	 /* NULL: none of the legs speaks TLS with wedge */
	struct session_upgrade *upgrade; /* NULL: nobody asks when TLS begins */
	struct session_edit *edit;	 /* NULL: wedge has no part in the client's upgrade */
	struct session_ask *ask;	 /* NULL: wedge doesn't ask the server for an upgrade */
	/* NULL: the server gets no PROXY header, or has got it. */
	struct proxy_protocol_header *proxy_protocol_out;
	struct session_wait *wait; /* NULL: it has waited for nothing yet */
	int64_t began;		   /* the clock's ns */
	char *text;		   /* NULL: none */
	TAILQ_ENTRY(session) entry, awake_entry, kin_entry;
};

TAILQ_HEAD(session_list, session);

/* Returns s->wait, whose timer calls fn(s, now) when it is armed. */
struct session_wait *session_wait_with(struct session *s, void (*fn)(void *session, int64_t now));

/* Sets s->state, which nobody else assigns. A change that no session may make is a bug. */
void session_set_state(struct session *s, enum session_state to);

#endif
