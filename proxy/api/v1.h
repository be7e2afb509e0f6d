/* v1.h - wedge's own API, under /wedge/v1/: proxies of every mode with all impairments, sessions,
 * the journal, health (docs/api.md, docs/openapi.json). Its errors are RFC 9457 problems. */
#ifndef WEDGE_API_V1_H
#define WEDGE_API_V1_H

#include "proxy/api/http_message.h"
#include "proxy/api/toxi.h"
#include "proxy/api/v1_journal.h"

struct v1 {
	struct toxi *toxi;
	struct v1_journal *journal;
	bool trusted; /* clients have shown a token: they may ask for every mode, and for TLS */
};

/* Answers a request whose path is clean. in: for an answer that is a stream. Returns false when the
 * path isn't below /wedge/v1. */
bool v1_answer(struct v1 *v, const struct http_request *r, struct evhttp_request *in,
	       struct http_answer *a);

#endif
