/* comments.c - one list, sorted by frame and then by age when all lines are in. */
#include "scenarios/base/comments.h"

#include "proxy/base/mem.h"

void comments_add(struct comments *c, size_t frame, const char *text)
{
	if (c->n == c->room) {
		c->room = c->room ? 2 * c->room : 64;
		c->list = xrealloc(c->list, c->room, sizeof(*c->list));
	}
	c->list[c->n] = (struct comment){frame, c->n, xstrdup(text)};
	c->n++;
}

static int by_frame(const void *a, const void *b)
{
	const struct comment *x = a, *y = b;

	if (x->frame != y->frame)
		return x->frame < y->frame ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

void comments_sort(struct comments *c)
{
	if (c->n)
		qsort(c->list, c->n, sizeof(*c->list), by_frame);
}

void comments_free(struct comments *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->list[i].text);
	free(c->list);
	*c = (struct comments){NULL, 0, 0};
}

char *comments_at(const struct comments *c, size_t *at, size_t frame)
{
	char *text = NULL, *longer;
	size_t lines = 0;

	for (; *at < c->n && c->list[*at].frame == frame; (*at)++) {
		if (lines++ >= COMMENT_LINES)
			continue;
		longer = xasprintf("%s%s%s", text ? text : "", text ? "\n" : "", c->list[*at].text);
		free(text);
		text = longer;
	}
	if (lines > COMMENT_LINES) {
		longer = xasprintf("%s\nand %zu more", text, lines - COMMENT_LINES);
		free(text);
		text = longer;
	}
	return text;
}
