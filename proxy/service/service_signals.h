/* service_signals.h - the signals that a loop listens to. Knows not what they mean. */
#ifndef WEDGE_SERVICE_SERVICE_SIGNALS_H
#define WEDGE_SERVICE_SERVICE_SIGNALS_H

#include "proxy/base/loop.h"

/* Starts as zero. */
struct service_signals {
	struct event *watched[3];
	size_t n;
};

/* Calls fn(number, what, arg) in the loop whenever the signal comes, until service_signals_fini. At
 * most ARRAY_LEN(watched) times. -1 with *e when the loop can't watch for it. */
int service_signals_add(struct service_signals *s, struct loop *loop, int number,
			void (*fn)(int number, short what, void *arg), void *arg,
			struct err *e) WG_MUSTUSE;
void service_signals_fini(struct service_signals *s);

/* Returns whether this process was started so that the signal does nothing, as nohup(1) does. */
bool service_signals_ignored(int number);

#endif
