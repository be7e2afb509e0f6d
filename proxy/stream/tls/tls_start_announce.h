/* tls_start_announce.h - lets a server's list of what it can do name the upgrade that wedge answers
 * in its place: SMTP's EHLO, FTP's FEAT, POP3's CAPA, IMAP's CAPABILITY, MySQL's greeting. */
#ifndef WEDGE_STREAM_TLS_TLS_START_ANNOUNCE_H
#define WEDGE_STREAM_TLS_TLS_START_ANNOUNCE_H

#include "proxy/stream/tls/tls_start_state.h"

/* A client's request has been counted: notes whether its reply is such a list. */
void tls_start_note_list(struct tls_start *s, const char *line);

/* A whole line of the next reply is held, without its end in line; open: it isn't the first line
 * of its reply; last: it is the last one. All three add what the list lacks. */
void tls_start_announce_coded(struct tls_start *s, const char *line, bool open, bool last);
void tls_start_announce_pop3(struct tls_start *s, const char *line);
void tls_start_announce_imap(struct tls_start *s);

/* A greeting of MySQL's is held, or as much of it as can be: sets the bit that offers TLS. on is
 * false: clears it. Returns whether the server had set it. */
bool tls_start_announce_mysql(unsigned char *greeting, size_t n, bool on);

/* Whether the line that has begun may yet be changed. */
bool tls_start_may_announce(const struct tls_start *s);

#endif
