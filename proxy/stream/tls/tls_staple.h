/* tls_staple.h - an OCSP response about a certificate that the lab CA has made, which says of it
 * what the server's own says of the server's. */
#ifndef WEDGE_STREAM_TLS_TLS_STAPLE_H
#define WEDGE_STREAM_TLS_TLS_STAPLE_H

#include <openssl/types.h>
#include <stddef.h>
#include <stdint.h>

/* Returns the DER of a response about leaf, for OpenSSL to free, with its length in *n; NULL: the
 * server's response (der, len) is none, or OpenSSL fails. now: seconds since 1970. */
unsigned char *tls_staple_make(X509 *leaf, X509 *ca, EVP_PKEY *ca_key, const unsigned char *der,
			       size_t len, int64_t now, size_t *n);

#endif
