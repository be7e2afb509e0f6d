/* buffer_join.c - a small buffer without urgent bytes is copied, every other one changes hands. */
#include "proxy/stream/flow/buffer_join.h"

#include "proxy/stream/flow/urgent.h"

#include <event2/buffer.h>

#define SMALL	   512 /* bytes that are cheaper to copy than to keep in a buffer of their own */
#define PIECES_MAX 8

/* True when an urgent byte is among them, or might be: they are in many pieces. */
static bool may_be_urgent(struct evbuffer *buf)
{
	struct evbuffer_iovec piece[PIECES_MAX];
	int n = evbuffer_peek(buf, -1, NULL, piece, PIECES_MAX);

	for (int i = 0; i < n && i < PIECES_MAX; i++)
		if (urgent_is_at(piece[i].iov_base))
			return true;
	return n > PIECES_MAX;
}

int buffer_join(struct evbuffer *to, struct evbuffer *from)
{
	size_t n = evbuffer_get_length(from);
	unsigned char small[SMALL];

	if (n > SMALL || may_be_urgent(from))
		return evbuffer_add_buffer(to, from);
	evbuffer_remove(from, small, n);
	return evbuffer_add(to, small, n);
}
