/* stage_group.h - the stages of one instance that share a fate, across sessions. Doesn't know which
 * fate. */
#ifndef WEDGE_IMPAIRMENTS_STREAM_PARTS_STAGE_GROUP_H
#define WEDGE_IMPAIRMENTS_STREAM_PARTS_STAGE_GROUP_H

#include "proxy/stream/flow/stage.h"

#include <sys/queue.h>

/* Embed it in the stage's state, zeroed. */
struct stage_group_member {
	struct stage *stage; /* NULL: not a member */
	LIST_ENTRY(stage_group_member) entry;
};

/* Embed it in the shared state, zeroed. */
LIST_HEAD(stage_group, stage_group_member);

void stage_group_add(struct stage_group *all, struct stage_group_member *m, struct stage *st);
void stage_group_remove(struct stage_group_member *m); /* nothing happens when m isn't one */

/* Calls fn(stage, arg) for each member, inside its flow as the core would. Members may come and go
 * meanwhile; one that comes isn't called. */
void stage_group_each(struct stage_group *all, void (*fn)(struct stage *st, void *arg), void *arg);

#endif
