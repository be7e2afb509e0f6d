/* tls_handshake_flow.h - the records that wedge makes in the TLS handshake of one leg, on their way
 * to the socket: a flow, so that stages can hold, slow or end them. Knows neither OpenSSL nor
 * sessions. */
#ifndef WEDGE_STREAM_TLS_TLS_HANDSHAKE_FLOW_H
#define WEDGE_STREAM_TLS_TLS_HANDSHAKE_FLOW_H

#include "proxy/stream/flow/flow.h"
#include "proxy/stream/flow/message_marks.h"

/* The functions through which the handshakes of both legs reach their session. */
struct tls_handshake_host {
	void (*wake)(void *arg);  /* calls tls_handshake_flow_push again: bytes have come out */
	void (*named)(void *arg); /* the client's hello has been read; nothing is answered yet */
	void (*reset)(void *arg, const char *why); /* resets both legs */
	void (*finish)(void *arg, enum leg leg);   /* sends FIN to that leg */
};

/* Embedded in a leg. */
struct tls_handshake_flow {
	struct flow flow; /* to the leg's peer: downstream to the client, upstream to the server */
	struct message_marks marks;  /* behind each message */
	struct message_marks sealed; /* behind each encrypted record */
	const struct tls_handshake_host *host;
	void *host_arg;
	/* Does what flow_host_ops.alert does; set before the first byte is made. */
	void (*alert)(struct tls_handshake_flow *h, uint64_t place, unsigned char description,
		      struct evbuffer *out);
	struct evbuffer *said; /* bytes not yet given to the flow */
	struct evbuffer *wire; /* bytes out of the flow, not yet taken by the kernel */
	uint64_t written;      /* bytes of all records made so far, including those not yet said */
	int fd;
	bool pushing;
	bool fin_sent; /* a stage has ended the handshake */
	bool done;     /* the handshake has succeeded: bytes go past the flow */
};

/* env and host must outlive h. */
void tls_handshake_flow_init(struct tls_handshake_flow *h, const struct env *env, enum leg leg,
			     uint64_t session, const struct tls_handshake_host *host,
			     void *host_arg);
void tls_handshake_flow_fini(struct tls_handshake_flow *h);

/* Appends n bytes of records. */
void tls_handshake_flow_say(struct tls_handshake_flow *h, const void *p, size_t n);
/* Counts a record of n bytes, header included, that OpenSSL has made. */
void tls_handshake_flow_record(struct tls_handshake_flow *h, size_t n);
/* Mark the last record as encrypted, and as the end of a message. */
void tls_handshake_flow_sealed(struct tls_handshake_flow *h);
void tls_handshake_flow_message(struct tls_handshake_flow *h);

/* Gives the appended bytes to the flow, and the bytes that left it to the kernel: as many as they
 * take. Errors of the socket are left to its reader. */
void tls_handshake_flow_push(struct tls_handshake_flow *h);

/* True when the kernel has all bytes. */
bool tls_handshake_flow_quiet(const struct tls_handshake_flow *h);
/* True when a stage has ended the handshake, with FIN behind its bytes. */
bool tls_handshake_flow_ended(const struct tls_handshake_flow *h);

/* Ends the flow of a handshake that has succeeded: its stages see the end, and the bytes that
 * follow go past it. */
void tls_handshake_flow_finish(struct tls_handshake_flow *h);

#endif
