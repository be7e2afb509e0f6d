/* mailbox.h - how one thread has another one's loop do something: calls are put in, from any
 * thread, and made by the loop, in their order. Knows nothing of what they do. */
#ifndef WEDGE_BASE_MAILBOX_H
#define WEDGE_BASE_MAILBOX_H

#include "proxy/base/loop.h"

struct mailbox;

/* To be made, and freed, by the loop's thread; NULL with *e. */
struct mailbox *mailbox_new(struct loop *loop, struct err *e) WG_MUSTUSE;

/* Makes the calls that are in it now, in the loop's thread. */
void mailbox_run(struct mailbox *m);

/* Makes the calls that are still in it, and frees it; nobody may put any more. NULL is fine. */
void mailbox_free(struct mailbox *m);

/* Has the loop call fn(arg), at once if it is idle, else when it has done what it is doing. Never
 * waits for that. */
void mailbox_post(struct mailbox *m, void (*fn)(void *arg), void *arg);

/* Does the same, and waits until fn has returned. Not to be called by the loop's own thread. */
void mailbox_call(struct mailbox *m, void (*fn)(void *arg), void *arg);

#endif
