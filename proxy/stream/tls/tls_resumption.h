/* tls_resumption.h - resumption in one session: towards the client it is the server's answer. Knows
 * legs, and no names or certificates. */
#ifndef WEDGE_STREAM_TLS_TLS_RESUMPTION_H
#define WEDGE_STREAM_TLS_TLS_RESUMPTION_H

#include "proxy/stream/tls/tls_resume.h"

struct tls_leg;

enum { TLS_TICKETS_WAITING = 8 }; /* of one server, not passed on yet; more are thrown away */

struct tls_resumption {
	struct tls_resume *kept; /* the proxy's; NULL: nothing is resumed */
	struct tls_leg *client, *server;
	struct tls_shown shown; /* by the client's hello */
	SSL_SESSION *waiting[TLS_TICKETS_WAITING];
	bool given;	       /* wedge's own tickets, where the server has none */
	unsigned waits, asked; /* asked: the first of them, OpenSSL is to make the client's */
};

/* Both legs, and kept unless it is NULL, must outlive it. */
void tls_resumption_init(struct tls_resumption *r, struct tls_resume *kept, struct tls_leg *client,
			 struct tls_leg *server);
void tls_resumption_fini(struct tls_resumption *r);

/* Reads what the client's hello shows; for use in OpenSSL's client_hello_cb. */
void tls_resumption_read(struct tls_resumption *r, SSL *client);

/* Shows the server its half, before its hello. */
void tls_resumption_say(const struct tls_resumption *r, SSL *server);

/* Lets the client be given what the server has given: a ticket, a session id, or neither. */
void tls_resumption_answer(const struct tls_resumption *r, SSL *client);

/* Passes the server's tickets of TLS 1.3 on, once the client's handshake is done. */
void tls_resumption_pass(struct tls_resumption *r);

/* Lets the context of a terminating proxy resume its own sessions. */
void tls_resumption_set_own(SSL_CTX *client);

/* Lets the contexts of an intercepting proxy resume. */
void tls_resumption_set_callbacks(SSL_CTX *client, SSL_CTX *server);

#endif
