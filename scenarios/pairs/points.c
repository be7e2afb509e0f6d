/* points.c - both captures go through a stream in the same order, so that nothing is looked for. */
#include "scenarios/pairs/points.h"

#include "proxy/base/mem.h"

size_t points_add(struct point_list *p, uint64_t offset, int64_t a)
{
	if (p->n && p->list[p->n - 1].offset >= offset)
		return p->n - 1;
	if (p->n == p->room) {
		p->room = p->room ? p->room * 2 : 16;
		p->list = xrealloc(p->list, p->room, sizeof(*p->list));
	}
	p->list[p->n] = (struct point){.offset = offset, .a = a};
	return p->n++;
}

void points_meet(struct point_list *p, uint64_t offset, int64_t b)
{
	while (p->met < p->n && p->list[p->met].offset <= offset)
		p->list[p->met++].b = b;
}

void points_fini(struct points *p)
{
	for (int d = 0; d < DIR_COUNT; d++) {
		free(p->sent[d].list);
		free(p->acked[d].list);
	}
	*p = (struct points){.sent[0].n = 0};
}
