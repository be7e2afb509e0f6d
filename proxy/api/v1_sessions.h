/* v1_sessions.h - the open sessions in wedge's own API: listed, shown, ended. */
#ifndef WEDGE_API_V1_SESSIONS_H
#define WEDGE_API_V1_SESSIONS_H

#include "proxy/api/http_message.h"
#include "proxy/base/attrs.h"

struct engine;

/* Each sets the whole answer. The query of a list may be most=N: the first N, each as it is shown
 * alone. */
void v1_sessions_list(const struct engine *en, const struct http_request *r, struct http_answer *a);
void v1_sessions_show(const struct engine *en, uint64_t number, struct http_answer *a);

/* Ends a session: by RST where the query says how=reset, else in the ordinary way. */
void v1_sessions_end(struct engine *en, uint64_t number, const struct http_request *r,
		     struct http_answer *a);

#endif
