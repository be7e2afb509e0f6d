/* proxy_protocol_read.h - takes the header of the PROXY protocol off the beginning of an accepted
 * connection, and not a byte more. Knows no sessions. */
#ifndef WEDGE_STREAM_PROXY_PROTOCOL_PROXY_PROTOCOL_READ_H
#define WEDGE_STREAM_PROXY_PROTOCOL_PROXY_PROTOCOL_READ_H

#include "proxy/base/loop.h"
#include "proxy/stream/proxy_protocol/proxy_protocol.h"

/* The time in which the header must come. A proxy sends it at once, in one segment; lost three
 * times, that comes after 1 + 2 + 4 s (RFC 6298). The protocol's own advice is at least 3 s. */
#define PROXY_PROTOCOL_READ_PATIENCE (10 * NS_PER_S)

struct event;

/* The outcome of one reading. */
struct proxy_protocol_read_result {
	const struct proxy_protocol_header *header; /* NULL: none came, for the reason why */
	const char *why;
	bool silent; /* the client has gone without having sent a byte */
};

/* Embedded, zeroed. */
struct proxy_protocol_read {
	struct loop *loop;
	int fd; /* the caller's */
	struct event *event;
	struct timer patience;
	uint8_t *bytes; /* the header's beginning, taken off so far */
	size_t n;
	void (*done)(void *arg, const struct proxy_protocol_read_result *r);
	void *arg;
};

/* Waits for the header on in->fd. The caller has set loop, fd, done and arg. done is called once,
 * from the loop, never from within this call; the socket isn't watched any more then. */
void proxy_protocol_read_start(struct proxy_protocol_read *in);

/* Ends the wait and frees what in holds; done isn't called any more. Legal after done, too. */
void proxy_protocol_read_fini(struct proxy_protocol_read *in);

#endif
