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

/* Makes the TLS of session number, which takes a reference to tls. env and host must outlive it. */
struct tls_session *tls_session_new(struct tls *tls, const struct host_port *upstream,
				    const struct env *env, uint64_t number,
				    const struct tls_handshake_host *host,
				    void *host_arg) WG_MUSTUSE;
void tls_session_free(struct tls_session *ts); /* NULL is fine */

/* Returns the flow of the records that wedge makes in the handshake with that leg's peer; NULL: the
 * leg is in clear text. */
struct flow *tls_session_handshake(struct tls_session *ts, enum leg leg);

/* True when a stage has ended the handshake of a leg, and its FIN is sent. */
bool tls_session_stopped(const struct tls_session *ts);

/* Returns the transport of a leg over its connected socket fd; NULL: the leg is in clear text. The
 * client's leg comes first. A client is answered only when the server's leg is set up. */
struct transport *tls_session_wrap(struct tls_session *ts, enum leg leg, int fd);

/* Lets the server's handshake begin: the server has accepted the connection. */
void tls_session_connected(struct tls_session *ts);

/* The results of a leg's handshake; texts are "" when there are none. */
struct tls_facts {
	const char *version, *cipher;
	const char *sni;
	char alpn[64];
	bool resumed; /* a session, rather than a whole handshake */
};
void tls_session_facts(const struct tls_session *ts, enum leg leg, struct tls_facts *out);

/* Returns the server name that the client has asked for; "" when it named none, NULL while its
 * hello hasn't been read, or when its leg is in clear text. */
const char *tls_session_sni(const struct tls_session *ts);

/* Returns whether the server has asked for a certificate that wedge hadn't. */
bool tls_session_asked(const struct tls_session *ts);

/* Lets a context of struct tls report to the sessions whose leg it is for. */
void tls_session_set_callbacks(SSL_CTX *ctx, enum leg leg);

#endif
