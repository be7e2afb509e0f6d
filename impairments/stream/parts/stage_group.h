/* stage_group.h - the stages of one instance that share a fate, across sessions. Knows not which. */
#ifndef WEDGE_IMPAIRMENTS_STREAM_PARTS_STAGE_GROUP_H
#define WEDGE_IMPAIRMENTS_STREAM_PARTS_STAGE_GROUP_H

#include "proxy/stream/flow/stage.h"

#include <sys/queue.h>

/* Embed it in the stage's state, zeroed. */
struct member {
	struct stage *stage; /* NULL: it isn't one */
	LIST_ENTRY(member) entry;
};

/* Embed it in the shared state, zeroed. */
LIST_HEAD(members, member);

void members_add(struct members *all, struct member *m, struct stage *st);
void members_remove(struct member *m); /* no-op when it isn't one */

/* fn(stage, arg) for each, as the core calls a stage; they may come and go meanwhile, and one that
 * comes isn't called. */
void members_each(struct members *all, void (*fn)(struct stage *st, void *arg), void *arg);

#endif
