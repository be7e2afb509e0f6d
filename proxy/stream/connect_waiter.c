/* connect_waiter.c - answers once: the waiter may be forgotten within its own call. */
#include "proxy/stream/connect_waiter.h"

#include <stddef.h>

bool connect_waiter_answer(struct connect_waiter *w, enum connect_answer a, int error)
{
	const struct connect_waiter waiter = *w;

	if (!waiter.answer)
		return false;
	if (a != CONNECT_LET_IN)
		w->answer = NULL;
	waiter.answer(waiter.arg, a, error);
	return true;
}
