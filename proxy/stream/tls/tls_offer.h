/* tls_offer.h - what a client's hello offers, said again in the hello to the server; and what the
 * server has chosen of it, for the answer to the client. */
#ifndef WEDGE_STREAM_TLS_TLS_OFFER_H
#define WEDGE_STREAM_TLS_TLS_OFFER_H

#include <openssl/types.h>
#include <stdbool.h>

/* Lists are OpenSSL's names with ':' between them; "": the client has sent no such list, or nothing
 * in it is known to OpenSSL. */
struct tls_offer {
	int least, most; /* versions; 0: none that OpenSSL is to speak here */
	char signatures[640], groups[160], suites[200], ciphers[4096];
	bool
	    post_handshake_auth; /* a certificate may be asked for later (RFC 8446 section 4.2.6) */
	bool status;		 /* a stapled OCSP response is wanted (RFC 6066 section 8) */
	bool no_ecdsa;		 /* an ECDSA certificate of P-256 couldn't be shown: RSA's can */
};

/* Reads the hello; for use in OpenSSL's client_hello_cb of the client's leg. */
void tls_offer_read(struct tls_offer *o, SSL *client);

/* Says the same on the server's leg before its hello. fixed: the cipher suites are the user's. */
void tls_offer_say(const struct tls_offer *o, SSL *server, bool fixed);

/* Lets the client's leg answer with the version and the group that the server has chosen. */
void tls_offer_answer(const SSL *server, SSL *client);

#endif
