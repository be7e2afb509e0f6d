/* v1_captures.h - captures in wedge's own API: started, stopped, listed, fetched, removed. */
#ifndef WEDGE_API_V1_CAPTURES_H
#define WEDGE_API_V1_CAPTURES_H

#include "proxy/api/http_message.h"
#include "proxy/base/attrs.h"

#include <stdint.h>

struct service_captures;

/* Each sets the whole answer. */
void v1_captures_list(const struct service_captures *cs, struct http_answer *a);
void v1_captures_start(struct service_captures *cs, struct http_answer *a);
void v1_captures_show(const struct service_captures *cs, uint64_t number, struct http_answer *a);
void v1_captures_remove(struct service_captures *cs, uint64_t number, struct http_answer *a);

/* Takes the body {"state":"written"}, which ends a capture. */
void v1_captures_change(struct service_captures *cs, uint64_t number, const struct http_request *r,
			struct http_answer *a);

/* Answers with the file; the query may be leg=client or leg=server. in: for its headers. */
void v1_captures_fetch(const struct service_captures *cs, uint64_t number,
		       const struct http_request *r, struct evhttp_request *in,
		       struct http_answer *a);

#endif
