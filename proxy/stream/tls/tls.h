/* tls.h - TLS of one proxy, ready to be used, and of one session: transports for its legs. Knows
 * neither flows nor what becomes of a session. */
#ifndef WEDGE_STREAM_TLS_TLS_H
#define WEDGE_STREAM_TLS_TLS_H

#include "proxy/base/addr.h"
#include "proxy/base/dir.h"
#include "proxy/base/env.h"
#include "proxy/stream/flow/transport.h"
#include "proxy/stream/tls/tls_config.h"

struct flow;
struct tls_handshake_host;
struct tls;
struct tls_session;

/* Reads the files and makes the lab CA where it is needed. NULL with *e on failure, and without for
 * passthrough (config is checked before: tls_config_check). */
struct tls *tls_new(const struct tls_config *config, struct err *e) WG_MUSTUSE;
/* Whether tls_new would find what it needs: reads the files and makes nothing. *key: the one of
 * tls_params that is at fault. */
int tls_check(const struct tls_config *config, const char **key, struct err *e) WG_MUSTUSE;

/* Secrets of sessions that begin later go to fd, too, which stays the caller's; -1: nowhere. */
void tls_copy_secrets(struct tls *tls, int fd);
struct tls *tls_ref(struct tls *tls);
void tls_unref(struct tls *tls); /* NULL is fine */

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

#endif
