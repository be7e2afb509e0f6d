/* stage_group.h - the stages of one instance that share a fate, across sessions. Knows not which.
 */
#ifndef WEDGE_IMPAIRMENTS_STREAM_PARTS_STAGE_GROUP_H
#define WEDGE_IMPAIRMENTS_STREAM_PARTS_STAGE_GROUP_H

#include "proxy/stream/flow/stage.h"

#include <sys/queue.h>

/* Embed it in the stage's state, zeroed. */
struct stage_group_member {
	struct stage *stage; /* NULL: it isn't one */
	LIST_ENTRY(stage_group_member) entry;
};

/* Embed it in the shared state, zeroed. */
LIST_HEAD(stage_group, stage_group_member);

void stage_group_add(struct stage_group *all, struct stage_group_member *m, struct stage *st);
void stage_group_remove(struct stage_group_member *m); /* no-op when it isn't one */

/* fn(stage, arg) for each, as the core calls a stage; they may come and go meanwhile, and one that
 * comes isn't called. */
void stage_group_each(struct stage_group *all, void (*fn)(struct stage *st, void *arg), void *arg);

#endif
