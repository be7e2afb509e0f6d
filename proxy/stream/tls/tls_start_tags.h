/* tls_start_tags.h - finds the upgrade of XMPP, whose requests and replies are XML. */
#ifndef WEDGE_STREAM_TLS_TLS_START_TAGS_H
#define WEDGE_STREAM_TLS_TLS_START_TAGS_H

#include "proxy/stream/tls/tls_start_state.h"

/* Does what tls_start_read (tls_start.h) promises, in clear text of s->kind. */
size_t tls_start_tags(struct tls_start *s, enum leg from, const unsigned char *p, size_t n);

#endif
