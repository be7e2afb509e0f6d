/* tls_handshake_flow.h - what wedge says in the TLS handshake of one leg, on its way to the socket:
 * a flow of TLS records, so that stages can hold, slow or end it. Knows neither OpenSSL nor
 * sessions. */
#ifndef WEDGE_STREAM_TLS_TLS_HANDSHAKE_FLOW_H
#define WEDGE_STREAM_TLS_TLS_HANDSHAKE_FLOW_H

#include "proxy/stream/flow/flow.h"
#include "proxy/stream/flow/message_marks.h"

/* What the owner does for the handshakes of both its legs. */
struct tls_handshake_host {
	void (*wake)(void *arg);  /* what was held is free: push again */
	void (*named)(void *arg); /* the client's hello has been read; nothing is answered yet */
	void (*reset)(void *arg, const char *why);
	void (*finish)(void *arg, enum leg leg); /* FIN to that leg */
};

/* Embedded in a leg. */
struct tls_handshake_flow {
	struct flow flow; /* to the leg's peer: downstream to the client, upstream to the server */
	struct message_marks marks;  /* behind each message */
	struct message_marks sealed; /* behind each encrypted record */
	const struct tls_handshake_host *host;
	void *host_arg;
	/* Set before the first byte is said: as flow_host_ops.alert. */
	void (*alert)(struct tls_handshake_flow *h, uint64_t place, unsigned char description,
		      struct evbuffer *out);
	struct evbuffer *said; /* not yet given to the flow */
	struct evbuffer *wire; /* out of the flow, not yet taken by the kernel */
	uint64_t written;      /* bytes of all records made so far, also of those not yet said */
	int fd;
	bool pushing;
	bool fin_sent; /* a stage has ended it */
	bool done;     /* nothing goes this way any more */
};

/* env and host live on. */
void tls_handshake_flow_init(struct tls_handshake_flow *h, const struct env *env, enum leg leg,
			     uint64_t session, const struct tls_handshake_host *host,
			     void *host_arg);
void tls_handshake_flow_fini(struct tls_handshake_flow *h);

void tls_handshake_flow_say(struct tls_handshake_flow *h, const void *p,
			    size_t n); /* bytes of records */
void tls_handshake_flow_record(struct tls_handshake_flow *h,
			       size_t n); /* one of n bytes is made: its header too */
void tls_handshake_flow_sealed(struct tls_handshake_flow *h);  /* which is encrypted */
void tls_handshake_flow_message(struct tls_handshake_flow *h); /* a message ends with it */

/* Gives to the flow what was said, and to the kernel what left the flow: as much as they take. An
 * error of the socket is its reader's to find. */
void tls_handshake_flow_push(struct tls_handshake_flow *h);

bool tls_handshake_flow_quiet(
    const struct tls_handshake_flow *h); /* the kernel has all that was said */
bool tls_handshake_flow_ended(
    const struct tls_handshake_flow *h); /* by a stage: with FIN behind its bytes */

/* It has succeeded: the bytes that follow go past it, and its stages have seen the end. */
void tls_handshake_flow_finish(struct tls_handshake_flow *h);

#endif
