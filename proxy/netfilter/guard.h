/* guard.h - a small process that does one thing when this process is gone, however it ended. Knows
 * no rules. */
#ifndef WEDGE_NETFILTER_GUARD_H
#define WEDGE_NETFILTER_GUARD_H

#include "proxy/base/err.h"

#include <stdbool.h>

struct guard;

/* Forks. The child calls begin(arg), waits for the end of this process (or for guard_end) and then
 * calls act(arg); it has a copy of this process's memory, and none of its files. NULL with *e, also
 * when begin has returned false. */
struct guard *guard_new(bool (*begin)(void *arg), void (*act)(void *arg), void *arg,
			struct err *e) WG_MUSTUSE;

/* Lets the child act now, waits for it, and frees g. When the child has died before it could act,
 * calls act(arg) here. NULL is fine. */
void guard_end(struct guard *g);

#endif
