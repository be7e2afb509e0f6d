/* stage_group.c - a list, which is walked while its members come and go. */
#include "impairments/stream/parts/stage_group.h"

void stage_group_add(struct stage_group *all, struct stage_group_member *m, struct stage *st)
{
	if (m->stage)
		return;
	m->stage = st;
	LIST_INSERT_HEAD(all, m, entry);
}

void stage_group_remove(struct stage_group_member *m)
{
	if (!m->stage)
		return;
	m->stage = NULL;
	LIST_REMOVE(m, entry);
}

/* The members still to be called are on a list of their own. A member leaves by its entry alone,
 * whichever list that is on. */
void stage_group_each(struct stage_group *all, void (*fn)(struct stage *st, void *arg), void *arg)
{
	struct stage_group todo = LIST_HEAD_INITIALIZER(todo);
	struct stage_group_member *m;

	while ((m = LIST_FIRST(all))) {
		LIST_REMOVE(m, entry);
		LIST_INSERT_HEAD(&todo, m, entry);
	}
	while ((m = LIST_FIRST(&todo))) {
		struct flow *f = m->stage->flow;

		LIST_REMOVE(m, entry);
		LIST_INSERT_HEAD(all, m, entry);
		flow_enter(f);
		fn(m->stage, arg);
		flow_leave(f);
	}
}
