/* tls_ca.h - the lab's authority in its folder, made on first use, and a cache of the certificates
 * that it gives. Knows no connections. */
#ifndef WEDGE_STREAM_TLS_TLS_CA_H
#define WEDGE_STREAM_TLS_TLS_CA_H

#include "proxy/stream/tls/tls_mint.h"

struct tls_ca;

/* Opens or makes the authority. folder "": $XDG_DATA_HOME/wedge or ~/.local/share/wedge. Its files
 * are ca.pem, for clients to trust, and ca.key with mode 0600. NULL with *e on failure. */
struct tls_ca *tls_ca_open(const char *folder, enum cert_fault fault, struct err *e) WG_MUSTUSE;
/* Checks that the folder's authority can be used, or that there is none yet; makes nothing. */
int tls_ca_check(const char *folder, struct err *e) WG_MUSTUSE;
void tls_ca_free(struct tls_ca *ca); /* NULL is fine */

/* OpenSSL's pem_password_cb: nobody is asked, since wedge may have no terminal. asked: a bool, true
 * when a passphrase would have been needed. */
int tls_no_passphrase(char *buf, int size, int writing, void *asked);

/* Returns the certificate for name, of an ECDSA key or of an RSA key, from the cache or made, and
 * its key; both stay the authority's. NULL when OpenSSL fails. */
X509 *tls_ca_leaf(struct tls_ca *ca, const char *name, bool rsa, EVP_PKEY **key) WG_MUSTUSE;

/* Returns its own certificate, which stays its. */
X509 *tls_ca_certificate(const struct tls_ca *ca);

/* Returns the DER of an OCSP response about a leaf (tls_staple.h). */
unsigned char *tls_ca_staple(const struct tls_ca *ca, X509 *leaf, const unsigned char *der,
			     size_t len, size_t *n);

#endif
