/* card_advice.c - cells of one advice stand together, in the order of their first. */
#include "scenarios/check/card_advice.h"

#include "proxy/base/mem.h"

static struct card_advice_line *find_line(struct card_advice_list *l, const char *text)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].text == text)
			return &l->v[i];
	return NULL;
}

void card_advice_gather(const struct card *c, struct card_advice_list *l)
{
	*l = (struct card_advice_list){NULL};
	for (size_t i = 0; i < c->n; i++) {
		const char *text = card_cell_advice(c, &c->cells[i]);
		struct card_advice_line *line = text ? find_line(l, text) : NULL;
		char *ids;

		if (line) {
			ids = xasprintf("%s, %s", line->ids, c->cells[i].point->id);
			free(line->ids);
			line->ids = ids;
		} else if (text) {
			l->v = xrealloc(l->v, l->n + 1, sizeof(*l->v));
			l->v[l->n++] = (struct card_advice_line){
			    .text = text, .ids = xstrdup(c->cells[i].point->id)};
		}
	}
}

void card_advice_list_fini(struct card_advice_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->v[i].ids);
	free(l->v);
}
