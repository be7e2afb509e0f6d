/* session.h - one client connection through wedge: two endpoints, two flows, one state, one way
 * out. Knows its table, and neither listeners nor the packet plane. */
#ifndef WEDGE_STREAM_SESSION_H
#define WEDGE_STREAM_SESSION_H

#include "proxy/base/addr.h"
#include "proxy/base/loop.h"
#include "proxy/stream/dial.h"
#include "proxy/stream/endpoint.h"
#include "proxy/stream/flow/flow.h"
#include "proxy/stream/proxy_protocol/proxy_protocol.h"
#include "proxy/stream/session_hooks.h"
#include "proxy/stream/session_state.h"

struct tls;
struct tls_session;

/* What a session is given when it begins, and copies. */
struct session_config {
	struct host_port upstream;   /* resolved when the server is dialled */
	struct addr orig_dst;	     /* where the client wanted to go, as far as it knows */
	bool mapped;		     /* upstream is another destination than orig_dst */
	struct connector *connector; /* opens the server leg; NULL: this process itself */
	size_t rcvbuf[LEG_COUNT];    /* bytes (sockopt.h); 0: as the kernel likes */
	uint32_t mark;	 /* of the server leg (mark.h); 0: the one that the packet plane asks for */
	bool as_client;	 /* the server sees the client's own address */
	struct tls *tls; /* NULL: TLS passes through; a session takes a reference */
	/* The PROXY header that the server is sent first. */
	enum proxy_protocol_version proxy_protocol_out;
	/* The server name that the client's own proxy has announced, for that header; "" or NULL:
	 * none. Read while the session begins, and not later. */
	const char *authority;
	/* Names the session's proxy in log and journal; must outlive the session. */
	const char *proxy;
	/* The session is freed and calls its hooks no more: what they and proxy point to may go. */
	void (*released)(void *arg);
	void *released_arg;
};

/* What becomes of a client that has asked for a connection and isn't accepted yet. */
enum connect_answer {
	CONNECT_LET_IN,	 /* its server has accepted; then session_let_in or CONNECT_OVER follows */
	CONNECT_REFUSED, /* its server can't be reached: an errno says why, or 0: no such name */
	CONNECT_OVER,	 /* the session has ended before it was let in */
};

/* Who waits for that. After anything but CONNECT_LET_IN it isn't called again. */
struct connect_waiter {
	void (*answer)(void *arg, enum connect_answer a, int error);
	void *arg;
};

enum close_why {
	CLOSE_DONE,	   /* FIN both ways */
	CLOSE_BROKEN,	   /* RST from a peer, or a connection timed out */
	CLOSE_UNREACHABLE, /* no connection to the upstream */
	CLOSE_STAGE,	   /* an impairment reset or refused it */
	CLOSE_STOPPED,	   /* wedge stops */
};

struct session_table;

struct session {
	struct session_table *table;
	uint64_t number;
	enum session_state state;
	struct endpoint ep[LEG_COUNT];
	struct flow flow[DIR_COUNT];
	struct addr client, server; /* server: len 0 until it is dialled */
	struct session_config config;
	struct session_hooks hooks;    /* none is NULL */
	struct accept_verdict verdict; /* zero without a hook that says something else */
	struct timer refusal_timer;    /* until it is carried out */
	struct evbuffer *reply;	       /* of ACCEPT_CLOSE, or NULL */
	struct dial dial;
	struct connect_waiter pending; /* answer NULL: the client is accepted */
	int server_fd;		       /* connected before the client is accepted; else -1 */
	struct tls_session *tls;       /* NULL: none of the legs speaks TLS with wedge */
	struct proxy_protocol_header
	    *proxy_protocol_out; /* NULL: the server gets no PROXY header, or has it */
	struct timer rst_timer;	 /* runs while an RST waits for the bytes before it */
	int64_t rst_step;	 /* of that timer; 0: none waits */
	int64_t began;
	bool awake;	  /* in the table's list for the end of this turn */
	bool cause_known; /* what ended it was something else than FINs: cause and text say what */
	enum close_why cause;
	char text[160];
	TAILQ_ENTRY(session) entry, awake_entry;
};

TAILQ_HEAD(session_list, session);

/* All sessions of an engine: what they share. */
struct session_table {
	struct loop *loop;
	struct env env;
	struct resolver *resolver;
	bool marked;		    /* give server legs their mark (mark.h) */
	bool packets_tell;	    /* what each leg is on the wire: not to be told here */
	void (*emptied)(void *arg); /* at the end of turns that leave no session; may be NULL */
	void *emptied_arg;
	struct session_list open, awake, closed;
	size_t n;			     /* open ones */
	uint64_t accepted, bytes[DIR_COUNT]; /* delivered by sessions that have closed */
	bool writes_wait;		     /* what is delivered is sent in the session's turn */
	bool turn_due;			     /* its work at the end of the turn is deferred */
	bool orphan;			     /* to be freed by that work */
	unsigned char scratch[65536];
};

/* env is copied; what it points to must live on. */
struct session_table *session_table_new(struct loop *loop, const struct env *env,
					struct err *e) WG_MUSTUSE;
/* Resets every session. The memory goes at the end of the loop's turn, or with the loop. */
void session_table_free(struct session_table *t);

/* Asks for a turn, so that emptied is called also when there is no session now. */
void session_table_poke(struct session_table *t);

/* Begins a session on an accepted socket; takes client_fd and spare (listener.h). number: its place
 * in the engine's sequence. A function of hooks may be NULL (session_hooks_complete). */
struct session *session_start(struct session_table *t, uint64_t number, int client_fd, int spare,
			      const struct addr *client, const struct session_config *config,
			      const struct session_hooks *hooks);

/* Begins a session whose client has asked for a connection and waits for the answer, which may come
 * within the call. */
struct session *session_start_deferred(struct session_table *t, uint64_t number,
				       const struct addr *client,
				       const struct session_config *config,
				       const struct session_hooks *hooks,
				       const struct connect_waiter *pending);

/* After CONNECT_LET_IN: the client has been accepted. Takes client_fd and spare. */
void session_let_in(struct session *s, int client_fd, int spare);

/* The one way out. CLOSE_DONE closes the sockets in the ordinary way, everything else with RST.
 * Legal in any callback, and without effect on a closed session. */
void session_close(struct session *s, enum close_why why, const char *fmt, ...) WG_PRINTF(3, 4);

/* Where TLS records on their way to the receiver of that direction can be met: where they pass, or
 * where wedge itself says them in its handshake. NULL: wedge speaks no TLS with it, but with the
 * other end. */
struct flow *session_records(struct session *s, enum dir dir);

/* Open sessions whose server hasn't been sent all that their clients have sent, and its end. */
size_t session_table_unsent(const struct session_table *t);

/* Closes the others in the ordinary way, as a host closes the connections of a program that ends:
 * what their servers still send is answered by RST. */
void session_table_hang_up(struct session_table *t);

/* Ends every session without a word to either end (sock_silence). */
void session_table_silence(struct session_table *t);

/* Bytes delivered in that direction, over closed and open sessions. */
uint64_t session_table_bytes(const struct session_table *t, enum dir dir);

#endif
