/* stage_group.c - the stages of one instance that share a fate. */
#include "impairments/stream/parts/stage_group.h"

void members_add(struct members *all, struct member *m, struct stage *st)
{
	if (m->stage)
		return;
	m->stage = st;
	LIST_INSERT_HEAD(all, m, entry);
}

void members_remove(struct member *m)
{
	if (!m->stage)
		return;
	m->stage = NULL;
	LIST_REMOVE(m, entry);
}

/* Those still to be called are on a list of their own, and whoever leaves it does so by its entry
 * alone, whichever list it is on. */
void members_each(struct members *all, void (*fn)(struct stage *st, void *arg), void *arg)
{
	struct members todo = LIST_HEAD_INITIALIZER(todo);
	struct member *m;

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
