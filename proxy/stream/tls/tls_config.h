/* tls_config.h - what a proxy is to do with TLS, as data: one table for the command line, the file
 * and the help. Opens no file and knows no OpenSSL. */
#ifndef WEDGE_STREAM_TLS_TLS_CONFIG_H
#define WEDGE_STREAM_TLS_TLS_CONFIG_H

#include "proxy/base/param.h"

enum tls_mode { TLS_PASSTHROUGH, TLS_TERMINATE, TLS_ORIGINATE, TLS_INTERCEPT };
enum tls_versions { TLS_ANY, TLS_1_2, TLS_1_3 };

/* The fault of the certificates that are made. */
enum cert_fault {
	CERT_GOOD,
	CERT_EXPIRED,
	CERT_NOT_YET_VALID,
	CERT_WRONG_NAME,
	CERT_SELF_SIGNED,
	CERT_UNKNOWN_CA,
};

struct tls_config {
	int mode; /* enum tls_mode */
	char *cert, *key;
	char *client_cert, *client_key;
	char *ca, *verify, *ciphers, *keylog;
	int versions;	/* enum tls_versions */
	int cert_fault; /* enum cert_fault */
};

enum { TLS_KEYS_MAX = 16 }; /* room for the names of all keys */

/* Every key; the first is the mode. On the command line "tls" and "tls-KEY". */
extern const struct param tls_params[];

/* Refuses keys that have no meaning in that mode or beside another key. */
int tls_config_check(const struct tls_config *c, struct err *e) WG_MUSTUSE;

#endif
