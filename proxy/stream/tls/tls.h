/* tls.h - TLS of one proxy, made from its configuration and ready for sessions. */
#ifndef WEDGE_STREAM_TLS_TLS_H
#define WEDGE_STREAM_TLS_TLS_H

#include "proxy/stream/tls/tls_config.h"

struct tls;

/* Reads the files and makes the lab CA where it is needed. The caller has the first reference
 * (tls_state.h). NULL with *e on failure; config has passed tls_config_check, and its mode isn't
 * passthrough. */
struct tls *tls_new(const struct tls_config *config, struct err *e) WG_MUSTUSE;

/* Secrets of sessions that begin later go to fd, too, which stays the caller's; -1: nowhere. */
void tls_copy_secrets(struct tls *tls, int fd);

#endif
