/* buffer_join.h - moves bytes from one buffer to the end of another. */
#ifndef WEDGE_STREAM_FLOW_BUFFER_JOIN_H
#define WEDGE_STREAM_FLOW_BUFFER_JOIN_H

#include "proxy/base/attrs.h"

struct evbuffer;

/* Moves all bytes. A few are copied, so that many small pieces make few vectors, and so few writes;
 * urgent ones stay what they are (urgent.h). -1: no memory. */
int buffer_join(struct evbuffer *to, struct evbuffer *from) WG_MUSTUSE;

#endif
