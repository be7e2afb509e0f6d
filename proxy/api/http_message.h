/* http_message.h - a request and its answer as data, between the server that carries them and
 * whoever answers. */
#ifndef WEDGE_API_HTTP_MESSAGE_H
#define WEDGE_API_HTTP_MESSAGE_H

#include <event2/buffer.h>
#include <event2/http.h>
#include <stdbool.h>
#include <stddef.h>

struct http_request {
	enum evhttp_cmd_type method;
	const char *path;  /* decoded */
	const char *query; /* as sent, behind the '?'; "" when there is none */
	const char *body;  /* NUL behind its end; "" when there is none */
	size_t len;
};

/* A status that stands for an answer that has begun and has no end. */
enum { HTTP_STREAMS = 1 };

struct http_answer {
	int status;
	const char *type;     /* of the body; NULL: text/plain; charset=utf-8 */
	const char *location; /* of a 301, which lives until the answer is sent; NULL: none */
	bool nosniff;
	bool routed; /* some route has answered, whatever it says */
	struct evbuffer *body;
};

#endif
