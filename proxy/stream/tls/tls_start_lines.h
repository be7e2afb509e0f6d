/* tls_start_lines.h - finds the upgrade of SMTP, FTP, IMAP and POP3, whose requests and replies are
 * lines. */
#ifndef WEDGE_STREAM_TLS_TLS_START_LINES_H
#define WEDGE_STREAM_TLS_TLS_START_LINES_H

#include "proxy/stream/tls/tls_start_state.h"

/* Does what tls_start_read (tls_start.h) promises, in clear text of s->kind. */
size_t tls_start_lines(struct tls_start *s, enum leg from, const unsigned char *p, size_t n);

#endif
