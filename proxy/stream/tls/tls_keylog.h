/* tls_keylog.h - the file that gets the secrets of sessions, in the format of SSLKEYLOGFILE, by the
 * rule for secrets (proxy/base/own_file.h). */
#ifndef WEDGE_STREAM_TLS_TLS_KEYLOG_H
#define WEDGE_STREAM_TLS_TLS_KEYLOG_H

#include "proxy/base/err.h"

/* Opens the key log at path to be appended to, and makes it when it isn't there. The descriptor; -1
 * with *e, also when what is there is no key log. */
int tls_keylog_open(const char *path, struct err *e) WG_MUSTUSE;

/* Whether tls_keylog_open would take path, as far as that can be told without making it. */
int tls_keylog_check(const char *path, struct err *e) WG_MUSTUSE;

#endif
