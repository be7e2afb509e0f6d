/* http_text.h - HTTP messages as text (RFC 9112): requests, the headers of answers, bodies in
 * chunks. Pure; the banner says wedge: nobody is to be taken for a product that it isn't. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_HTTP_TEXT_H
#define WEDGE_SCENARIOS_WORKLOAD_HTTP_TEXT_H

#include "proxy/base/attrs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text that grows; the caller frees v. Zero-initialise. */
struct http_text {
	char *v;
	size_t len, room;
};

void http_text_add(struct http_text *t, const char *format, ...) WG_PRINTF(2, 3);
void http_text_bytes(struct http_text *t, const void *data, size_t len);

/* Adds len bytes, which the caller is to write where it returns. */
char *http_text_extend(struct http_text *t, size_t len);

/* Adds a chunk (7.1), unless len is 0, and the last one. */
void http_text_chunk(struct http_text *t, const void *data, size_t len);
void http_text_last_chunk(struct http_text *t);

struct http_ask {
	const char *method, *target, *host;
	const char *fields; /* header lines, each with its end; NULL: none */
	const char *type;   /* of the body; NULL: there is none */
	const void *body;
	size_t len;
};

/* Adds a whole request. */
void http_text_request(struct http_text *t, const struct http_ask *a);

struct http_reply {
	unsigned status;
	const char *fields; /* as in struct http_ask */
	const char *type;
	bool chunked, close;
	bool until_close; /* the body ends with the connection: it has neither length nor chunks */
	bool http10;	  /* the version is HTTP/1.0, in which an open connection is named */
	uint64_t len;	  /* of the body, where its length is said */
	int64_t date;	  /* seconds since 1970 */
};

/* Adds the header of an answer. */
void http_text_head(struct http_text *t, const struct http_reply *r);

/* Writes a date as HTTP has it (RFC 9110 5.6.7); out has HTTP_DATE_TEXT bytes. */
#define HTTP_DATE_TEXT 32
void http_text_date(int64_t seconds, char *out);

#endif
