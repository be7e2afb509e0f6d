/* tls_internal.h - what tls_context.c, tls_session.c and tls_leg.c share. For those only. */
#ifndef WEDGE_STREAM_TLS_TLS_INTERNAL_H
#define WEDGE_STREAM_TLS_TLS_INTERNAL_H

#include "proxy/stream/tls/tls.h"
#include "proxy/stream/tls/tls_ca.h"
#include "proxy/stream/tls/tls_handshake_flow.h"
#include "proxy/stream/tls/tls_seal.h"

#include <openssl/ssl.h>

#define ALPN_MAX 1024 /* bytes of a list that is carried over */

struct tls {
	unsigned refs;
	enum tls_mode mode;
	SSL_CTX *ctx[LEG_COUNT]; /* towards clients, towards servers; NULL: clear text */
	BIO_METHOD *method;	 /* tls_sock_method */
	struct tls_ca *ca;	 /* NULL: ctx has its certificate */
	bool verify;		 /* the server's certificate */
	int keylog, copy;	 /* -1: none; copy isn't this one's */
};

/* Secrets under which one leg encrypts what it sends in a handshake of TLS 1.3, one after the
 * other.
 */
enum { TLS_EPOCHS = 2 };
struct tls_epoch {
	uint64_t from; /* byte of what is said in the handshake */
	struct tls_secret secret;
};

struct tls_leg {
	struct transport t; /* first: a transport is its leg */
	struct tls_session *session;
	enum leg leg;
	SSL *ssl; /* NULL: clear text */
	struct tls_handshake_flow handshake;
	struct tls_epoch epoch[TLS_EPOCHS];
	bool agreed; /* OpenSSL's part of it is done */
	enum leg_setup setup;
	int error;    /* errno with which the socket failed */
	int alert_in; /* fatal alert that the peer has sent; -1: none */
};

struct tls_session {
	struct tls *tls;
	struct host_port upstream;
	bool connected; /* the server has accepted */
	bool hello;	/* the client's is known: sni and alpn hold what it asks for */
	bool named;	/* and the session has been told */
	char sni[TLS_NAME_MAX + 1];
	unsigned char alpn[ALPN_MAX];
	size_t alpn_len;
	struct tls_leg leg[LEG_COUNT];
};

/* tls_context.c. */
SSL_CTX *tls_context_new(const struct tls_config *c, bool server, struct err *e) WG_MUSTUSE;
/* The certificate with its chain and the private key; key "": in the same file. */
int tls_load_identity(SSL_CTX *ctx, const char *cert, const char *key, struct err *e) WG_MUSTUSE;
int tls_set_verify(SSL_CTX *ctx, const char *how, struct err *e) WG_MUSTUSE;

/* tls_leg.c: SSL over the leg's socket. */
BIO_METHOD *tls_sock_method(void);
void tls_leg_secret(struct tls_leg *l, const char *line); /* of a key log */
int tls_leg_open(struct tls_leg *l, SSL_CTX *ctx, int fd);
extern const struct transport_ops transport_tls;

/* tls_session.c: called for legs that wait for each other; callbacks of the contexts. */
bool tls_session_may_dial(struct tls_session *ts);  /* and then the server leg knows its names */
void tls_session_tell_name(struct tls_session *ts); /* once the hello is known */
int tls_hello_cb(SSL *ssl, int *alert, void *arg);
int tls_alpn_cb(SSL *ssl, const unsigned char **out, unsigned char *outlen, const unsigned char *in,
		unsigned inlen, void *arg);
void tls_info_cb(const SSL *ssl, int where, int ret);

#endif
