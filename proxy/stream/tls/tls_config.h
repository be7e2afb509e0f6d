/* tls_config.h - what a proxy is to do with TLS, as data: one table for the command line, the file
 * and the help. Opens no file and knows no OpenSSL. */
#ifndef WEDGE_STREAM_TLS_TLS_CONFIG_H
#define WEDGE_STREAM_TLS_TLS_CONFIG_H

#include "proxy/base/param.h"

enum tls_mode { TLS_PASSTHROUGH, TLS_TERMINATE, TLS_ORIGINATE, TLS_INTERCEPT };
enum tls_versions { TLS_ANY, TLS_1_2, TLS_1_3 };

/* What comes before TLS: nothing, or a protocol's clear text up to its upgrade. */
enum tls_start_kind {
	TLS_START_DIRECT,
	TLS_START_SMTP,
	TLS_START_IMAP,
	TLS_START_POP3,
	TLS_START_FTP,
	TLS_START_POSTGRES,
	TLS_START_MYSQL,
	TLS_START_LDAP,
	TLS_START_XMPP,
	TLS_START_AUTO, /* found out by who speaks first, and how */
};
extern const char *const tls_start_names[]; /* NULL-terminated */

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
	char *ca, *verify, *ciphers, *keylog, *alpn;
	int versions;	/* enum tls_versions */
	int cert_fault; /* enum cert_fault */
	int start;	/* enum tls_start_kind */
};

enum { TLS_ALPN_MAX = 256 }; /* bytes of a list of protocols, as it is in a hello */

/* Writes the list of text, "h2,http/1.1", as RFC 7301 section 3.1 has it, without the length of the
 * whole; returns its bytes. -1 with *e: it is none. */
int tls_config_alpn(const char *text, unsigned char out[TLS_ALPN_MAX], struct err *e) WG_MUSTUSE;

enum { TLS_KEYS_MAX = 16 }; /* room for the names of all keys */

/* Every key; the first is the mode. On the command line "tls" and "tls-KEY". */
extern const struct param tls_params[];

/* Refuses keys that have no meaning in that mode or beside another key. */
int tls_config_check(const struct tls_config *c, struct err *e) WG_MUSTUSE;

#endif
