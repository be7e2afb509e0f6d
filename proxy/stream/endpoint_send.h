/* endpoint_send.h - what an endpoint has to send, and how the kernel takes it: from a pipe, then
 * from its buffer, then the FIN. Knows nothing of reading. */
#ifndef WEDGE_STREAM_ENDPOINT_SEND_H
#define WEDGE_STREAM_ENDPOINT_SEND_H

#include "proxy/stream/endpoint_state.h"

#include <sys/types.h>

/* Returns the bytes delivered to it that the kernel hasn't taken yet. */
size_t endpoint_unsent(const struct endpoint *ep);

/* Returns the buffer of what waits to be sent, which endpoint_write frees when it is empty. */
struct evbuffer *endpoint_out(struct endpoint *ep);

/* What it should still have got is lost. */
void endpoint_lose_unsent(struct endpoint *ep);

/* The connection broke, with that errno: what it should still have got is lost with it. */
void endpoint_die(struct endpoint *ep, int error);

/* Takes note of what a call that sends to it has returned, n bytes or -1 with errno. false: it
 * takes no more now. */
bool endpoint_note_sent(struct endpoint *ep, ssize_t n);

/* Sends what the kernel takes, and the FIN when nothing is left. */
void endpoint_write(struct endpoint *ep);

/* Gives ep's pipe back; what is in it is lost. */
void endpoint_drop_pipe(struct endpoint *ep);

#endif
