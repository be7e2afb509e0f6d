/* v1_journal.h - the journal's lines as server-sent events, to clients that follow it: as they are
 * written, and without waiting for whoever is slow. */
#ifndef WEDGE_API_V1_JOURNAL_H
#define WEDGE_API_V1_JOURNAL_H

#include "proxy/base/journal.h"

#include <event2/http.h>

struct v1_journal;

/* j stays the caller's; NULL: there is none. */
struct v1_journal *v1_journal_new(struct journal *j);

/* Ends all streams; before the server that they are of. NULL is fine. */
void v1_journal_free(struct v1_journal *v);

/* Begins the answer to a request, which lasts until its client goes. Returns false when too many
 * follow already, or there is no journal: nothing has been answered. */
bool v1_journal_follow(struct v1_journal *v, struct evhttp_request *in);

#endif
