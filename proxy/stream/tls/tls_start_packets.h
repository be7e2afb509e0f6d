/* tls_start_packets.h - finds the upgrade of PostgreSQL, MySQL and LDAP, whose messages tell their
 * length. */
#ifndef WEDGE_STREAM_TLS_TLS_START_PACKETS_H
#define WEDGE_STREAM_TLS_TLS_START_PACKETS_H

#include "proxy/stream/tls/tls_start_state.h"

/* Does what tls_start_read (tls_start.h) promises, in clear text of s->kind. */
size_t tls_start_packets(struct tls_start *s, enum leg from, const unsigned char *p, size_t n);

#endif
