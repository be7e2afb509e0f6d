/* tls_start.h - finds the place in a session's clear text where TLS begins: at once, or with the
 * upgrade of the protocol that client and server speak. Pure: reads bytes, and opens nothing. */
#ifndef WEDGE_STREAM_TLS_TLS_START_H
#define WEDGE_STREAM_TLS_TLS_START_H

#include "proxy/stream/tls/tls_start_state.h"

void tls_start_init(struct tls_start *s, enum tls_start_kind kind);

/* Reads what that end says, up to where it must wait: returns how many of the n bytes are clear
 * text that may pass now. 0 with CLEAR: too few to tell; come again with more, and these. */
size_t tls_start_read(struct tls_start *s, enum leg from, const unsigned char *p, size_t n);

/* Returns the protocol's word; "auto" while it isn't known. */
const char *tls_start_name(const struct tls_start *s);

/* Returns what begins TLS, for a line: "STARTTLS", "an SSLRequest". */
const char *tls_start_request(enum tls_start_kind kind);

/* Returns the protocol whose first bytes from that end these are; TLS_START_AUTO when they are of
 * none, or too few (*more). TLS itself is TLS_START_DIRECT. */
enum tls_start_kind tls_start_guess(enum leg from, const unsigned char *p, size_t n, bool *more);

#endif
