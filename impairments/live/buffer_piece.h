/* buffer_piece.h - looks at the bytes of a buffer where they lie, without moving them. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_BUFFER_PIECE_H
#define WEDGE_IMPAIRMENTS_LIVE_BUFFER_PIECE_H

#include <stddef.h>

struct evbuffer;

/* Returns the bytes of buf from offset at on that lie in one piece, at least one and at most *n,
 * and sets *n to their number. The caller sees to it that *n bytes are there. */
const unsigned char *buffer_piece(struct evbuffer *buf, size_t at, size_t *n);

#endif
