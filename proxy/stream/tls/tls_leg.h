/* tls_leg.h - the TLS transport: OpenSSL over one leg's non-blocking socket. Knows no certificates
 * and no other leg. */
#ifndef WEDGE_STREAM_TLS_TLS_LEG_H
#define WEDGE_STREAM_TLS_TLS_LEG_H

#include "proxy/base/dir.h"
#include "proxy/stream/flow/transport.h"
#include "proxy/stream/tls/tls_handshake_flow.h"
#include "proxy/stream/tls/tls_seal.h"

#include <openssl/bio.h>

struct tls_resumption;
struct tls_session;

/* The functions through which a leg reaches its session in the handshake. */
struct tls_leg_host {
	/* The server's leg may send its hello; then its SSL has the names for it. */
	bool (*may_dial)(struct tls_session *ts);
	/* OpenSSL has made a step, which may have read the client's hello. */
	void (*stepped)(struct tls_session *ts);
	/* OpenSSL's handshake of the client is done, or the server's leg has been read: it may have
	 * brought a ticket. */
	void (*took)(struct tls_session *ts);
};

/* The secrets under which one leg encrypts what it sends in a handshake of TLS 1.3, in turn. */
enum { TLS_EPOCHS = 2 };
struct tls_epoch {
	uint64_t from; /* bytes sent in the handshake before this secret */
	struct tls_secret secret;
};

struct tls_leg {
	struct transport t; /* first: a transport is its leg */
	struct transport_words words;
	const struct tls_leg_host *host;
	struct tls_session *session;
	struct tls_resumption *resumption; /* the session's */
	enum leg leg;
	SSL *ssl; /* NULL: clear text */
	struct tls_handshake_flow handshake;
	struct tls_epoch epoch[TLS_EPOCHS];
	bool agreed; /* OpenSSL's part of the handshake is done */
	enum leg_setup setup;
	int error;    /* errno with which the socket failed */
	int alert_in; /* fatal alert that the peer has sent; -1: none */
};

/* The BIO type of all legs, for struct tls; the caller frees it. */
BIO_METHOD *tls_leg_method(void);

/* Makes l->ssl over fd, which stays the endpoint's. host, session and leg are set before. -1: no
 * memory. */
int tls_leg_open(struct tls_leg *l, SSL_CTX *ctx, BIO_METHOD *method, int fd) WG_MUSTUSE;

/* Sends a ticket that SSL_new_session_ticket has asked for, after the handshake. Returns false when
 * the socket takes no more: then the next write or read goes on with it. */
bool tls_leg_flush(struct tls_leg *l);

/* A line of the key log: notes the secret when it is one of those that this leg sends under. */
void tls_leg_secret(struct tls_leg *l, const char *line);

#endif
