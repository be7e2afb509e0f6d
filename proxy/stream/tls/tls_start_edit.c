/* tls_start_edit.c - two buffers for each end: what may yet be changed, and what goes on. */
#include "proxy/stream/tls/tls_start_edit.h"

#include "proxy/base/attrs.h"

#include <event2/buffer.h>
#include <string.h>

void tls_start_edit_init(struct tls_start_edit *e, bool denies)
{
	*e = (struct tls_start_edit){.denies = denies};
	for (enum leg leg = 0; leg < LEG_COUNT; leg++) {
		e->held[leg] = evbuffer_new();
		e->out[leg] = evbuffer_new();
		BUG_ON(!e->held[leg] || !e->out[leg]);
	}
}

void tls_start_edit_fini(struct tls_start_edit *e)
{
	for (enum leg leg = 0; leg < LEG_COUNT; leg++) {
		evbuffer_free(e->held[leg]);
		evbuffer_free(e->out[leg]);
	}
}

void tls_start_hold(struct tls_start_edit *e, enum leg from, const void *p, size_t n)
{
	if (e)
		BUG_ON(evbuffer_add(e->held[from], p, n) == -1);
}

void tls_start_release(struct tls_start_edit *e, enum leg from)
{
	if (e)
		BUG_ON(evbuffer_add_buffer(e->out[from], e->held[from]) == -1);
}

void tls_start_drop(struct tls_start_edit *e, enum leg from)
{
	if (!e)
		return;
	e->changed = true;
	evbuffer_drain(e->held[from], evbuffer_get_length(e->held[from]));
}

void tls_start_say(struct tls_start_edit *e, const void *p, size_t n)
{
	if (!e)
		return;
	e->changed = true;
	BUG_ON(evbuffer_add(e->out[LEG_SERVER], p, n) == -1);
}

size_t tls_start_held(const struct tls_start_edit *e, enum leg from)
{
	return e ? evbuffer_get_length(e->held[from]) : 0;
}

void tls_start_insert(struct tls_start_edit *e, enum leg from, size_t at, const char *text)
{
	struct evbuffer *out = e->out[from];

	e->changed = true;
	BUG_ON(at && evbuffer_remove_buffer(e->held[from], out, at) == -1);
	BUG_ON(evbuffer_add(out, text, strlen(text)) == -1);
}

void tls_start_replace(struct tls_start_edit *e, enum leg from, const char *text)
{
	tls_start_drop(e, from);
	tls_start_hold(e, from, text, strlen(text));
}
