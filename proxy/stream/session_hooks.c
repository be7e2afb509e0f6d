/* session_hooks.c - the defaults: functions that let everything be as it is. */
#include "proxy/stream/session_hooks.h"

static void accept_default(void *arg, struct session *s, struct accept_verdict *v)
{
	(void)arg;
	(void)s;
	(void)v;
}

static void event_default(void *arg, struct session *s)
{
	(void)arg;
	(void)s;
}

void session_hooks_complete(struct session_hooks *hooks)
{
	hooks->accept = hooks->accept ? hooks->accept : accept_default;
	hooks->open = hooks->open ? hooks->open : event_default;
	hooks->connected = hooks->connected ? hooks->connected : event_default;
	hooks->named = hooks->named ? hooks->named : event_default;
	hooks->tls_began = hooks->tls_began ? hooks->tls_began : event_default;
	hooks->close = hooks->close ? hooks->close : event_default;
}
