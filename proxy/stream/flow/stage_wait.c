/* stage_wait.c - moves bytes from buffer to buffer, and copies none. */
#include "proxy/stream/flow/stage_wait.h"

#include <event2/buffer.h>

bool stage_wait_any(const struct stage_wait *w)
{
	return w->bytes || w->end != END_NONE;
}

void stage_wait_add(struct stage_wait *w, struct evbuffer *buf)
{
	if (!w->bytes)
		w->bytes = evbuffer_new();
	BUG_ON(!w->bytes || evbuffer_add_buffer(w->bytes, buf) == -1);
}
