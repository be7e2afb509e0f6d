/* service_signals.c - an event of the loop's for each. */
#include "proxy/service/service_signals.h"

#include <event2/event.h>
#include <signal.h>
#include <string.h>

int service_signals_add(struct service_signals *s, struct loop *loop, int number,
			void (*fn)(int number, short what, void *arg), void *arg, struct err *e)
{
	struct event *ev;

	BUG_ON(s->n == ARRAY_LEN(s->watched));
	ev = loop_watch(loop, number, EV_SIGNAL | EV_PERSIST, fn, arg);
	if (!ev)
		return err_errno(e, "watching for %s", strsignal(number));
	s->watched[s->n++] = ev;
	return 0;
}

void service_signals_fini(struct service_signals *s)
{
	while (s->n)
		event_free(s->watched[--s->n]);
}

bool service_signals_ignored(int number)
{
	struct sigaction now;

	return sigaction(number, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}
