/* refusal_state.c - most sessions are let go on, and have none. */
#include "proxy/stream/refusal_state.h"

#include "proxy/stream/session_table.h"

#include <event2/buffer.h>

const struct accept_verdict *refusal_verdict(const struct session *s)
{
	static const struct accept_verdict go = {.action = ACCEPT_GO};

	return s->refusal ? &s->refusal->verdict : &go;
}

bool refusal_due(const struct session *s)
{
	enum accept_action action = refusal_verdict(s)->action;

	return action != ACCEPT_GO && action != ACCEPT_CONNECTED;
}

void refusal_stop(struct session *s)
{
	if (s->refusal)
		timer_cancel(s->table->env.timers, &s->refusal->timer);
}

void refusal_free(struct refusal *r)
{
	if (r && r->reply)
		evbuffer_free(r->reply);
	free(r);
}
