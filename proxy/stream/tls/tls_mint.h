/* tls_mint.h - certificates for the lab: one key and name under an authority, good or faulty on
 * purpose. Touches no file. */
#ifndef WEDGE_STREAM_TLS_TLS_MINT_H
#define WEDGE_STREAM_TLS_TLS_MINT_H

#include "proxy/stream/tls/tls_config.h"

#include <openssl/x509.h>

#define TLS_NAME_MAX 255 /* of a server name, RFC 6066 with RFC 1035 */

/* Make a P-256 key, and an RSA key of 2,048 bits, for which a processor needs a tenth of a second.
 * NULL when OpenSSL fails. */
EVP_PKEY *tls_mint_key(void) WG_MUSTUSE;
EVP_PKEY *tls_mint_rsa_key(void) WG_MUSTUSE;

/* Makes an authority's certificate for that key, valid for ten years from now (seconds since 1970).
 * NULL when OpenSSL fails. */
X509 *tls_mint_ca(EVP_PKEY *key, int64_t now) WG_MUSTUSE;

/* Makes a server's certificate for name, a host name or an IP address. With CERT_SELF_SIGNED ca
 * isn't used and ca_key may be NULL. NULL when OpenSSL fails. */
X509 *tls_mint_leaf(const char *name, EVP_PKEY *key, X509 *ca, EVP_PKEY *ca_key,
		    enum cert_fault fault, int64_t now) WG_MUSTUSE;

/* True when a name from the wire may stand in a certificate. */
bool tls_name_ok(const char *name, size_t n);

#endif
