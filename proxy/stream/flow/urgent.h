/* urgent.h - a byte of urgent data (RFC 9293, 3.8.5) in a flow. Its place among the others is what
 * matters, so it is one of them: a stage that holds, cuts or passes bytes on moves it with them. */
#ifndef WEDGE_STREAM_FLOW_URGENT_H
#define WEDGE_STREAM_FLOW_URGENT_H

#include <stdbool.h>

struct evbuffer;

/* Appends the byte, told apart from all others as long as nobody copies it. -1: no memory. */
int urgent_append(struct evbuffer *buf, unsigned char byte);

/* True when the bytes at that address are one of urgent data; such a one has a vector of its own
 * (evbuffer_peek). */
bool urgent_is_at(const void *base);

#endif
