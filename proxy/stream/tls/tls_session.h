/* tls_session.h - TLS of one session: transports for its legs, and what their handshakes have
 * agreed on. Knows neither endpoints nor what becomes of the session. */
#ifndef WEDGE_STREAM_TLS_TLS_SESSION_H
#define WEDGE_STREAM_TLS_TLS_SESSION_H

#include "proxy/base/addr.h"
#include "proxy/base/dir.h"
#include "proxy/base/env.h"

#include <openssl/types.h>

struct flow;
struct tls;
struct tls_handshake_host;
struct tls_session;
struct transport;

/* Session number begins; it holds a reference. env and host live on. */
struct tls_session *tls_session_new(struct tls *tls, const struct host_port *upstream,
				    const struct env *env, uint64_t number,
				    const struct tls_handshake_host *host,
				    void *host_arg) WG_MUSTUSE;
void tls_session_free(struct tls_session *ts); /* NULL is fine */

/* The flow of what wedge says in the handshake with that leg's peer; NULL: the leg is in clear
 * text. */
struct flow *tls_session_handshake(struct tls_session *ts, enum leg leg);

/* The transport of a leg over its connected socket, the session's; NULL: the leg is in clear text.
 * The client leg first. A client is answered only when the server leg stands. */
struct transport *tls_session_wrap(struct tls_session *ts, enum leg leg, int fd);

/* The server has accepted the connection. */
void tls_session_connected(struct tls_session *ts);

/* What a leg's handshake has agreed on; texts are "" when there is none. */
struct tls_facts {
	const char *version, *cipher;
	const char *sni;
	char alpn[64];
};
void tls_session_facts(const struct tls_session *ts, enum leg leg, struct tls_facts *out);

/* The name that the client has asked for; "" when none, NULL while not known, or never known: its
 * leg is in clear text. */
const char *tls_session_sni(const struct tls_session *ts);

/* For the contexts of struct tls: from now on OpenSSL reports to the sessions of that leg. */
void tls_session_set_callbacks(SSL_CTX *ctx, enum leg leg);

#endif
