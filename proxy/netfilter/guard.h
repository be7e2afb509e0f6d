/* guard.h - a small process that does one thing when this one is gone, however it went. */
#ifndef WEDGE_NETFILTER_GUARD_H
#define WEDGE_NETFILTER_GUARD_H

#include "proxy/base/err.h"

#include <stdbool.h>

struct guard;

/* Forks. The child calls begin(arg), unless that is NULL, waits for the end of this process (or for
 * guard_end) and then calls act(arg), with no file of this process open but its own copy of its
 * memory. NULL with *e, also when begin has failed. */
struct guard *guard_new(bool (*begin)(void *arg), void (*act)(void *arg), void *arg,
			struct err *e) WG_MUSTUSE;

/* Lets the child act now and waits for it. When it can't have, acts here instead. Frees g. */
void guard_end(struct guard *g);

#endif
