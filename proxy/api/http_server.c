/* http_server.c - libevent's HTTP server, with what it leaves open closed: deadlines, the number of
 * connections, bodies where it expects none. */
#include "proxy/api/http_server.h"

#include "proxy/api/http_conns.h"
#include "proxy/api/http_guard.h"
#include "proxy/api/http_path.h"
#include "proxy/base/mem.h"
#include "proxy/base/sockopt.h"

#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define BODY_MAX    (1 << 20) /* some thousand proxies in one /populate */
#define HEADERS_MAX (16 << 10)
#define CONNS_MAX   200
#define QUIET_TIME  60 /* s without a byte; the deadlines are http_conns's */

struct http_server {
	struct http_server_config config;
	struct evhttp *http;
	struct http_conns *conns;
	struct addr addr;
};

static const char *find_header(struct evhttp_request *in, const char *name)
{
	return evhttp_find_header(evhttp_request_get_input_headers(in), name);
}

static struct bufferevent *bev_of(struct evhttp_request *in)
{
	return evhttp_connection_get_bufferevent(evhttp_request_get_connection(in));
}

/* A body that libevent doesn't read, since the method usually has none, would be taken for the next
 * request. */
static bool has_unread_body(struct evhttp_request *in)
{
	unsigned reads = EVHTTP_REQ_POST | EVHTTP_REQ_PUT | EVHTTP_REQ_PATCH;
	const char *length = find_header(in, "Content-Length");

	if ((unsigned)evhttp_request_get_command(in) & reads)
		return false;
	return find_header(in, "Transfer-Encoding") || (length && strcmp(length, "0") != 0);
}

static void answered_cb(struct evhttp_request *in, void *arg)
{
	struct http_server *s = arg;

	http_conns_answered(s->conns, bev_of(in));
}

static void send_answer(struct http_server *s, struct evhttp_request *in, struct http_answer *a)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(in);

	if (a->location)
		evhttp_add_header(headers, "Location", a->location);
	if (evbuffer_get_length(a->body))
		evhttp_add_header(headers, "Content-Type",
				  a->type ? a->type : "text/plain; charset=utf-8");
	if (a->nosniff)
		evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
	if (a->status == 401)
		evhttp_add_header(headers, "WWW-Authenticate", "Bearer");
	if (has_unread_body(in))
		evhttp_add_header(headers, "Connection", "close");
	http_conns_answers(s->conns, bev_of(in), evbuffer_get_length(a->body));
	evhttp_request_set_on_complete_cb(in, answered_cb, s);
	evhttp_send_reply(in, a->status, NULL, a->body);
}

static const char *find_refusal(const struct http_server *s, struct evhttp_request *in, int *status)
{
	const struct http_guard_headers h = {
	    .host = find_header(in, "Host"),
	    .origin = find_header(in, "Origin"),
	    .fetch_site = find_header(in, "Sec-Fetch-Site"),
	    .authorization = find_header(in, "Authorization"),
	};

	return http_guard_refuses(&h, s->config.token, status);
}

static void answer_request(struct http_server *s, struct evhttp_request *in, struct http_answer *a)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(in);
	char *path = http_path_decode(evhttp_request_get_uri(in));
	size_t len = evbuffer_get_length(body);
	const char *query = strchr(evhttp_request_get_uri(in), '?');
	struct http_request r = {.method = evhttp_request_get_command(in),
				 .path = path,
				 .query = query ? query + 1 : "",
				 .body = "",
				 .len = len};
	const char *why = find_refusal(s, in, &a->status);

	if (why && a->status == 401 && path && s->config.is_public && s->config.is_public(path))
		why = NULL;
	if (why) {
		s->config.refuse(path, why, a);
	} else if (!path) {
		a->status = 400;
		evbuffer_add_printf(a->body, "400 Bad Request");
	} else {
		a->status = 0;
		evbuffer_add(body, "", 1);
		r.body = (const char *)evbuffer_pullup(body, -1);
		s->config.answer(s->config.arg, &r, in, a);
	}
	free(path);
}

static void request_cb(struct evhttp_request *in, void *arg)
{
	struct http_answer a = {.body = evbuffer_new()};
	struct http_server *s = arg;

	BUG_ON(!a.body);
	http_conns_requested(s->conns, bev_of(in));
	answer_request(s, in, &a);
	BUG_ON(!a.status);
	if (a.status == HTTP_STREAMS)
		http_conns_streams(s->conns, bev_of(in));
	else
		send_answer(s, in, &a);
	evbuffer_free(a.body);
}

static int bind_listener(struct http_server *s, struct err *e)
{
	const struct addr *a = &s->config.listen;
	int fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	char text[ADDR_TEXT];

	if (fd == -1)
		return err_errno(e, "can't make a socket");
	sock_set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (a->sa.sa_family == AF_INET6 && addr_is_any(a))
		sock_set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	if (bind(fd, &a->sa, a->len) == -1 || listen(fd, SOMAXCONN) == -1 ||
	    evhttp_accept_socket(s->http, fd) == -1) {
		err_errno(e, "can't listen on %s", addr_format(a, text));
		close(fd);
		return -1;
	}
	s->addr.len = sizeof(s->addr.in6);
	getsockname(fd, &s->addr.sa, &s->addr.len);
	return 0;
}

struct http_server *http_server_new(struct loop *loop, const struct http_server_config *config,
				    struct err *e)
{
	struct http_server *s = xcalloc(1, sizeof(*s));

	s->config = *config;
	s->http = evhttp_new(loop_base(loop));
	BUG_ON(!s->http);
	s->conns = http_conns_new(loop, CONNS_MAX);
	evhttp_set_bevcb(s->http, http_conns_bev_cb, s->conns);
	evhttp_set_max_body_size(s->http, BODY_MAX);
	evhttp_set_max_headers_size(s->http, HEADERS_MAX);
	evhttp_set_timeout(s->http, QUIET_TIME);
	evhttp_set_default_content_type(s->http, NULL);
	evhttp_set_allowed_methods(s->http, 0xffff); /* 405 and 404 are the routes' to say */
	evhttp_set_gencb(s->http, request_cb, s);
	if (bind_listener(s, e) == 0)
		return s;
	http_server_free(s);
	return NULL;
}

void http_server_free(struct http_server *s)
{
	if (!s)
		return;
	evhttp_free(s->http);
	http_conns_free(s->conns);
	free(s);
}

const struct addr *http_server_addr(const struct http_server *s)
{
	return &s->addr;
}
