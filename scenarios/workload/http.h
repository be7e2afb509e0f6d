/* http.h - finds where an HTTP/1.1 message ends (RFC 9112) in bytes that come in any pieces; keeps
 * neither header nor body. Pure: knows no sockets and no clock. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_HTTP_H
#define WEDGE_SCENARIOS_WORKLOAD_HTTP_H

#include "proxy/base/err.h"
#include "proxy/base/rng.h"

#include <stdbool.h>

#define HTTP_LINE_MAX 8192  /* bytes of one header line */
#define HTTP_HEAD_MAX 65536 /* bytes of a whole header */

#define HTTP_DIGEST_TEXT 64  /* "sha-256=:" 44 characters ":", RFC 9530 */
#define HTTP_TARGET_MAX	 256 /* bytes kept of a request's target */
#define HTTP_METHOD_MAX	 16  /* bytes of a method with its NUL; a longer one is no request */

enum http_kind { HTTP_REQUEST, HTTP_RESPONSE };

enum http_state {
	HTTP_START_LINE,
	HTTP_FIELDS,
	HTTP_BODY_LENGTH, /* Content-Length bytes */
	HTTP_BODY_CLOSE,  /* everything until the connection ends */
	HTTP_CHUNK_SIZE,
	HTTP_CHUNK_DATA,
	HTTP_CHUNK_END, /* the line end behind a chunk's data */
	HTTP_TRAILER,
	HTTP_DONE,
};

struct http_parser {
	enum http_kind kind;
	enum http_state state;
	char method[HTTP_METHOD_MAX];  /* request */
	char target[HTTP_TARGET_MAX];  /* request: its target, cut to fit */
	char digest[HTTP_DIGEST_TEXT]; /* Content-Digest when it is a lone SHA-256; else "" */
	unsigned status;	       /* response; an interim 1xx is passed over */
	unsigned minor;		       /* of the version: HTTP/1.minor */
	bool head;	      /* response to HEAD: has no body whatever its header announces */
	bool keep_alive;      /* another message may follow on this connection */
	bool expect_continue; /* request: the sender waits for 100 (Continue) before its body */
	bool started;	      /* a byte of the message was seen */
	uint64_t bytes;	      /* of the message so far, header and all */
	uint64_t body_bytes;  /* of the body so far, without chunk framing */
	/* Called with every piece of the body, without chunk framing, and with every header field
	 * of the message and those before it (1xx); NULL, or set after http_begin. */
	void (*body)(void *arg, const char *data, size_t len);
	void (*field)(void *arg, const char *name, const char *value);
	void *arg; /* of both */
	/* private */
	bool chunked, has_length, connection_close, connection_keep;
	uint64_t left; /* of the body, or of the chunk */
	size_t head_bytes;
	size_t line_len;
	char line[HTTP_LINE_MAX];
};

/* Begins a message. head: the response answers a HEAD request. */
void http_begin(struct http_parser *p, enum http_kind kind, bool head);

/* Takes bytes up to the end of the message and returns how many: fewer than len only when the
 * message ended (state HTTP_DONE) before. -1 with *e when they are not HTTP. */
ssize_t http_feed(struct http_parser *p, const char *data, size_t len, struct err *e) WG_MUSTUSE;

/* Takes the end of the connection: 0 when that also ends the message (then HTTP_DONE), -1 with *e
 * when the message is cut short. */
int http_end(struct http_parser *p, struct err *e) WG_MUSTUSE;

static inline bool http_done(const struct http_parser *p)
{
	return p->state == HTTP_DONE;
}

/* Whether the header is whole, of a request or a final response. */
static inline bool http_has_head(const struct http_parser *p)
{
	return p->state > HTTP_FIELDS;
}

static inline bool http_in_body(const struct http_parser *p)
{
	return http_has_head(p) && p->state < HTTP_DONE;
}

/* What the header of a response says. */
struct http_answer {
	bool multistatus; /* 207 (RFC 4918) with its XML, not 200 */
	bool chunked;	  /* a body of chunks, not of length bytes */
	uint64_t length;
	bool close;	    /* the connection ends behind it */
	const char *digest; /* its Content-Digest; NULL: none */
};

/* Writes the header of a response of exactly size bytes into buf, filled up with an ETag, which
 * etag draws. size is at least HTTP_RESPONSE_HEAD_MIN, with a digest HTTP_DIGEST_HEAD_MIN; where it
 * is multistatus or chunked HTTP_LIST_HEAD_MIN or HTTP_LIST_DIGEST_HEAD_MIN. */
#define HTTP_RESPONSE_HEAD_MIN	  80
#define HTTP_DIGEST_HEAD_MIN	  160
#define HTTP_LIST_HEAD_MIN	  140
#define HTTP_LIST_DIGEST_HEAD_MIN 220
void http_response_head(char *buf, size_t size, struct rng *etag, const struct http_answer *a);

/* Writes a whole request of exactly size bytes into buf: of the method (PROPFIND with Depth: 1)
 * filled up with a Cookie, or, where that is POST or the size above HTTP_GET_MAX, a POST whose body
 * makes up the size; filling draws both. size is at least http_request_min(method, path). */
#define HTTP_GET_MAX  4096
#define HTTP_HOST_MAX 54 /* of host: "[" IPv6 address "]:" port, or a name and its port */
size_t http_request_min(const char *method, const char *path);
void http_request(char *buf, size_t size, struct rng *filling, const char *method, const char *host,
		  const char *path);

#endif
