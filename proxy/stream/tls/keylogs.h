/* keylogs.h - the writers of key logs: one a file, for as long as wedge lives,
 * however often its configuration changes. */
#ifndef WEDGE_STREAM_TLS_KEYLOGS_H
#define WEDGE_STREAM_TLS_KEYLOGS_H

#include "proxy/base/err.h"

struct tls;

struct keylogs {
	struct keylog *v;
	size_t n;
};

/* Lets the writer of the key log's file write for tls; path names it in messages. 0; -1 with *e. */
int keylogs_serve(struct keylogs *k, struct tls *tls, const char *path, struct err *e);

/* Ends all, when no TLS uses them any more. 0; -1 with *e when one of the files lacks lines. */
int keylogs_end(struct keylogs *k, struct err *e);

#endif
