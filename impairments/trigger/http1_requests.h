/* http1_requests.h - what the requests of a session were, by their number: the responses, on the
 * other flow, can't be framed without (RFC 9112 section 6.3). */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_HTTP1_REQUESTS_H
#define WEDGE_IMPAIRMENTS_TRIGGER_HTTP1_REQUESTS_H

#include <stdint.h>
#include <string.h>

#define HTTP1_REQUESTS_MAX                                                                         \
	1024 /* that may be ahead of their responses; more are taken for others */

enum http1_method { HTTP1_OTHER, HTTP1_HEAD, HTTP1_CONNECT };

struct http1_requests {
	uint64_t n; /* requests so far */
	uint8_t method[HTTP1_REQUESTS_MAX];
};

/* Notes the next request by its start line. */
static inline void http1_requests_add(struct http1_requests *r, const char *line)
{
	r->method[r->n++ % HTTP1_REQUESTS_MAX] = strncmp(line, "HEAD ", 5) == 0	     ? HTTP1_HEAD
						 : strncmp(line, "CONNECT ", 8) == 0 ? HTTP1_CONNECT
										     : HTTP1_OTHER;
}

/* Returns what request k was, from 0. */
static inline enum http1_method http1_requests_get(const struct http1_requests *r, uint64_t k)
{
	return k < r->n && k + HTTP1_REQUESTS_MAX >= r->n
		   ? (enum http1_method)r->method[k % HTTP1_REQUESTS_MAX]
		   : HTTP1_OTHER;
}

#endif
