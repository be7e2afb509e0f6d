/* tls_seal.h - one record of TLS 1.3 made by hand, for what OpenSSL can't be asked to send: a fatal
 * alert of one's choice. Knows secrets and no connections. */
#ifndef WEDGE_STREAM_TLS_TLS_SEAL_H
#define WEDGE_STREAM_TLS_TLS_SEAL_H

#include "proxy/base/attrs.h"

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TLS_ALERT_SEALED (5 + 3 + 16) /* header, alert with its type, tag */

struct tls_secret {
	unsigned char value[EVP_MAX_MD_SIZE];
	size_t len; /* 0: none */
};

/* Reads the value of a line of a key log, hexadecimal digits; false when there are others. */
bool tls_secret_parse(struct tls_secret *s, const char *hex) WG_MUSTUSE;

/* Writes the record of a fatal alert, encrypted as record number sequence under that traffic secret
 * (RFC 8446 sections 5.2 and 7.3). false for ciphers whose use differs (CCM). */
bool tls_alert_sealed(unsigned char description, const SSL_CIPHER *cipher,
		      const struct tls_secret *s, uint64_t sequence,
		      unsigned char out[TLS_ALERT_SEALED]) WG_MUSTUSE;

#endif
