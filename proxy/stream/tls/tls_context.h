/* tls_context.h - OpenSSL's contexts made from a proxy's configuration. Knows neither sessions nor
 * their legs. */
#ifndef WEDGE_STREAM_TLS_TLS_CONTEXT_H
#define WEDGE_STREAM_TLS_TLS_CONTEXT_H

#include "proxy/stream/tls/tls_config.h"

#include <openssl/types.h>
#include <stdbool.h>

/* A context with the versions and the ciphers of c, towards clients (server) or towards servers.
 * NULL with *e when OpenSSL knows no such ciphers. */
SSL_CTX *tls_context_new(const struct tls_config *c, bool server, struct err *e) WG_MUSTUSE;

/* Reads the certificate with its chain and the private key; key "": in the same file. */
int tls_load_identity(SSL_CTX *ctx, const char *cert, const char *key, struct err *e) WG_MUSTUSE;

/* how: "no", "system", or a PEM file of authorities (tls_config's verify). */
int tls_set_verify(SSL_CTX *ctx, const char *how, struct err *e) WG_MUSTUSE;

#endif
