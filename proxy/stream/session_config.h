/* session_config.h - what a session is given when it begins, and copies. */
#ifndef WEDGE_STREAM_SESSION_CONFIG_H
#define WEDGE_STREAM_SESSION_CONFIG_H

#include "proxy/base/addr.h"
#include "proxy/base/dir.h"
#include "proxy/stream/proxy_protocol/proxy_protocol.h"
#include "proxy/stream/tls/tls_config.h"

#include <stdbool.h>

struct connector;
struct passed;
struct session_list;
struct tls;

/* What sessions that have ended came to, all together. */
struct session_tally {
	uint64_t sessions;
	uint64_t got[LEG_COUNT], sent[LEG_COUNT]; /* bytes read and written on each leg */
	uint64_t left[DIR_COUNT];		  /* bytes, and bytes * ns (flow_time.h) */
	double waited[DIR_COUNT];
};

struct session_config {
	/* Resolved when the server is dialled; the session copies it, and has it no more then. */
	const struct host_port *upstream;
	struct addr orig_dst; /* where the client wanted to go, as far as it knows */
	/* ns that a server is waited for: its name's addresses, and each of them; 0: as long as the
	 * resolver and the kernel like. */
	int64_t connect_timeout;
	struct connector *connector; /* opens the server leg; NULL: this process itself */
	size_t rcvbuf[LEG_COUNT];    /* bytes (sockopt.h); 0: as the kernel likes */
	uint32_t mark; /* of the server leg (mark.h); 0: the one that the packet plane asks for */
	enum tls_start_kind tls_start;
	/* The PROXY header that the server is sent first. */
	enum proxy_protocol_version proxy_protocol_out;
	bool mapped; /* upstream is another destination than orig_dst */
	/* Its addresses are tried one after another, never beside each other: so that a fault of
	 * one connection isn't raced away by the next. */
	bool one_by_one;
	/* The source of that flow is acknowledged when the sink has acknowledged (ack_pace.h). */
	bool paced[DIR_COUNT];
	bool accept_first; /* of a client that asks for a connection: it is let in without asking
			      its server, which is dialled then */
	bool as_client;	   /* the server sees the client's own address */
	bool close_unreachable; /* a client whose server can't be reached gets FIN, not RST */
	bool reads_tls;		/* somebody acts on the TLS that passes through, or counts it */
	struct tls *tls;	/* NULL: TLS passes through; a session takes a reference */
	/* The server name that the client's own proxy has announced, for that header; "" or NULL:
	 * none. Read while the session begins, and not later. */
	const char *authority;
	/* The proxies that the client's connection has been through; NULL: none. Read while the
	 * session begins, and not later. */
	const struct passed *passed;
	/* Names the session's proxy in log and journal; must outlive the session. */
	const char *proxy;
	/* Who began it keeps his open sessions here, in order; NULL: nowhere. */
	struct session_list *kin;
	struct session_tally *tally; /* what it comes to is added here at its end; NULL: nowhere */
	/* The session is freed and calls its hooks no more: what they and proxy point to may go. */
	void (*released)(void *arg);
	void *released_arg;
};

#endif
