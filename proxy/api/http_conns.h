/* http_conns.h - the connections of an HTTP server, so that none costs more than a bounded time:
 * each has a deadline, and the one that has been quiet longest goes when there are too many. Knows
 * no request. */
#ifndef WEDGE_API_HTTP_CONNS_H
#define WEDGE_API_HTTP_CONNS_H

#include "proxy/base/loop.h"

struct bufferevent;
struct http_conns;

/* most: connections that are served at once. */
struct http_conns *http_conns_new(struct loop *loop, size_t most);

/* After the server has closed them. NULL is fine. */
void http_conns_free(struct http_conns *cs);

/* For evhttp_set_bevcb, with the http_conns as argument: makes the buffers of a connection that is
 * about to be served, and begins its deadline. */
struct bufferevent *http_conns_bev_cb(struct event_base *base, void *arg);

/* The buffers' connection has sent a whole request, and is to take the answer; and it has taken it.
 */
void http_conns_requested(struct http_conns *cs, struct bufferevent *bev);
void http_conns_answered(struct http_conns *cs, struct bufferevent *bev);

/* The answer that is to be taken has so many bytes: its deadline is later by a second a MiB. */
void http_conns_answers(struct http_conns *cs, struct bufferevent *bev, size_t bytes);

/* The answer has no end, so its taking has no deadline. */
void http_conns_streams(struct http_conns *cs, struct bufferevent *bev);

#endif
