/* tls_resume.h - sessions that are resumed: what a server has given wedge, kept beside what wedge
 * has given the client for it. Knows neither legs nor configuration. */
#ifndef WEDGE_STREAM_TLS_TLS_RESUME_H
#define WEDGE_STREAM_TLS_TLS_RESUME_H

#include "proxy/base/attrs.h"

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

/* A pair is found by the first bytes of what the client shows: of a ticket they are the name of its
 * key (RFC 5077 section 4), of a session id random like the rest. */
enum { TLS_RESUME_NAME = 16 };

struct tls_resume;

struct tls_resume *tls_resume_new(void) WG_MUSTUSE;
void tls_resume_free(struct tls_resume *r); /* NULL is fine */

/* Keeps a pair; beyond a bound the oldest one goes. client is NULL when all of its state is in its
 * ticket. Both stay the caller's. */
void tls_resume_keep(struct tls_resume *r, const unsigned char name[TLS_RESUME_NAME],
		     const SSL_SESSION *server, const SSL_SESSION *client);

/* The halves of a pair, new references; NULL: there is none of that name, or no such half. */
SSL_SESSION *tls_resume_server(const struct tls_resume *r, const unsigned char *name) WG_MUSTUSE;
SSL_SESSION *tls_resume_client(const struct tls_resume *r, const unsigned char *name) WG_MUSTUSE;

/* What a client's hello shows; for use in OpenSSL's client_hello_cb. */
struct tls_shown {
	bool known; /* a pair is kept for it: name is the pair's */
	unsigned char name[TLS_RESUME_NAME];
	bool tickets; /* those of TLS 1.2 are taken (RFC 5077) */
	bool psks;    /* those of TLS 1.3, with a new key exchange (RFC 8446 section 4.2.9) */
};
void tls_resume_read(const struct tls_resume *r, SSL *client, struct tls_shown *out);

/* Lets a ticket be sealed or opened with a key of the process's life; for use in OpenSSL's callback
 * for ticket keys, which says what the parameters are. Returns whether it worked. */
bool tls_resume_seal(const struct tls_resume *r, unsigned char *iv, EVP_CIPHER_CTX *cipher,
		     EVP_MAC_CTX *mac, bool seals);

#endif
