/* tls_ask.h - asks a server for TLS in the client's name: what to say, and what its answers mean.
 * Pure: opens nothing and sends nothing. */
#ifndef WEDGE_STREAM_TLS_TLS_ASK_H
#define WEDGE_STREAM_TLS_TLS_ASK_H

#include "proxy/stream/tls/tls_config.h"

#include <stdbool.h>
#include <stddef.h>

enum tls_ask_state {
	TLS_ASK_WAITS,	 /* for the server's words */
	TLS_ASK_LOGIN,	 /* mysql: for the client's login, which says what the request must say */
	TLS_ASK_AGREED,	 /* TLS begins with the next byte of either end */
	TLS_ASK_REFUSED, /* why says so */
};

enum { TLS_ASK_LINE = 1024, TLS_ASK_GREETING = 4096, TLS_ASK_SAY = 128 };

struct tls_ask {
	enum tls_start_kind kind; /* AUTO until somebody has spoken */
	enum tls_ask_state state;
	const char *host; /* what wedge calls itself (EHLO) */
	unsigned step;	  /* answers that have come */
	bool alike;	  /* 220: SMTP's or FTP's greeting, not known which */
	char line[TLS_ASK_LINE];
	size_t nline;
	char code[4]; /* of the reply that is open */
	/* What the server has said first: the client's, when TLS stands. */
	char greeting[TLS_ASK_GREETING];
	size_t ngreeting;
	/* What is to be sent now; the caller empties it. */
	unsigned char say[TLS_ASK_SAY];
	size_t nsay;
	char why[128];
};

/* host must outlive it; the state may be AGREED at once, and say may have what begins. */
void tls_ask_init(struct tls_ask *a, enum tls_start_kind kind, const char *host);

/* Reads n bytes of the server's, up to where TLS begins; returns how many belong to it. */
size_t tls_ask_read(struct tls_ask *a, const unsigned char *p, size_t n);

/* The client's first n bytes, none of which is taken: its login for TLS_ASK_LOGIN, and for AUTO
 * what tells the protocol. */
void tls_ask_look(struct tls_ask *a, const unsigned char *p, size_t n);

#endif
