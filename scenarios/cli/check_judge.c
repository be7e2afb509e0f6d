/* check_judge.c - a line for each difference, so that a build's log can be searched for them. */
#include "scenarios/cli/check_judge.h"

#include "proxy/base/mem.h"
#include "proxy/base/text_print.h"
#include "scenarios/base/layout.h"
#include "scenarios/check/card_advice.h"
#include "scenarios/check/card_compare.h"

#include <stdio.h>

int check_judge_init(struct check_judge *j, const struct check_args *a, struct err *e)
{
	*j = (struct check_judge){.args = a};
	if (a->expect && !(j->expect = card_expect_load(a->expect, e)))
		return -1;
	if (a->compare && !(j->old = card_load(a->compare, e)))
		return err_wrap(e, "--compare");
	return 0;
}

void check_judge_fini(struct check_judge *j)
{
	card_expect_free(j->expect);
	json_decref(j->old);
}

void check_judge_card(const struct check_judge *j, struct card *c)
{
	char *with;
	json_t *now;

	if (c->not_gradable)
		return;
	if (j->expect)
		(void)card_expect_judge(j->expect, c);
	if (!j->old)
		return;
	now = card_json(c);
	with = layout_utf8(j->args->compare);
	c->compare = json_pack("{s:s,s:o}", "with", with, "changes", card_compare(j->old, now));
	free(with);
	json_decref(now);
}

static void print_unexpected(const struct card *c)
{
	if (!c->judged)
		return;
	if (!card_unexpected(c))
		puts("\nall is as expected");
	else
		puts("\nnot as expected:");
	for (size_t i = 0; i < c->n; i++)
		if (c->cells[i].unexpected)
			printf("  %s: %s\n", c->cells[i].point->id, c->cells[i].unexpected);
}

static void print_changes(const struct card *c)
{
	const json_t *changes = json_object_get(c->compare, "changes"), *change;
	size_t i;

	if (!c->compare)
		return;
	puts(json_array_size(changes) ? "\nchanged:" : "\nnothing has changed");
	json_array_foreach(changes, i, change)
	{
		char *line = text_print_line(json_string_value(json_object_get(change, "text")));

		printf("  %s\n", line);
		free(line);
	}
}

static void print_advice(const struct card *c)
{
	struct card_advice_list l;

	card_advice_gather(c, &l);
	if (l.n)
		puts("\nwhat to do:");
	for (size_t i = 0; i < l.n; i++) {
		char *first = xasprintf("  %s: ", l.v[i].ids);

		layout_wrap(stdout, first, 4, l.v[i].text);
		free(first);
	}
	card_advice_list_fini(&l);
}

void check_judge_print(const struct card *c)
{
	if (c->not_gradable)
		return;
	print_unexpected(c);
	print_changes(c);
	print_advice(c);
}
