/* endpoint_pass.h - bytes that no stage has to see go from one endpoint of a session to the other:
 * sent from where they were read, or through a pipe without being copied. Knows no stages. */
#ifndef WEDGE_STREAM_ENDPOINT_PASS_H
#define WEDGE_STREAM_ENDPOINT_PASS_H

#include "proxy/stream/endpoint_state.h"

#include <sys/types.h>

/* Sends n bytes that were read from ep to its peer, which keeps what the kernel doesn't take.
 * false: they are for the flow. */
bool endpoint_pass_bytes(struct endpoint *ep, const void *bytes, size_t n);

/* Returns whether what comes next from ep is to go through a pipe; only while its peer has none may
 * endpoint_pass_pipe be called. */
bool endpoint_may_splice(const struct endpoint *ep);

/* Moves up to want bytes from ep to its peer, which keeps what the kernel doesn't take in the pipe.
 * Returns as read() does; 0 also where a stage has to see what comes, and at an urgent byte. -1
 * with ENOBUFS: there is no pipe. */
ssize_t endpoint_pass_pipe(struct endpoint *ep, size_t want);

#endif
