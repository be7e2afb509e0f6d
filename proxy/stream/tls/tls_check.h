/* tls_check.h - tries what a configuration says of TLS, and makes nothing. */
#ifndef WEDGE_STREAM_TLS_TLS_CHECK_H
#define WEDGE_STREAM_TLS_TLS_CHECK_H

#include "proxy/stream/tls/tls_config.h"

/* Checks that tls_new would find what it needs. -1: *key is the name of the row of tls_params that
 * is at fault, and *e says why. */
int tls_check(const struct tls_config *config, const char **key, struct err *e) WG_MUSTUSE;

#endif
