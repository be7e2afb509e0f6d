/* buffer_piece.c - one vector of the buffer at a time. */
#include "impairments/live/buffer_piece.h"

#include "proxy/base/attrs.h"

#include <event2/buffer.h>

const unsigned char *buffer_piece(struct evbuffer *buf, size_t at, size_t *n)
{
	struct evbuffer_ptr pos;
	struct evbuffer_iovec vec;

	BUG_ON(evbuffer_ptr_set(buf, &pos, at, EVBUFFER_PTR_SET) == -1 ||
	       evbuffer_peek(buf, (ev_ssize_t)*n, &pos, &vec, 1) < 1 || !vec.iov_len);
	if (vec.iov_len < *n)
		*n = vec.iov_len;
	return vec.iov_base;
}
