/* sweep.c - each value is kept as it is written and as a number. */
#include "scenarios/scenario/sweep.h"

#include "proxy/base/mem.h"
#include "proxy/base/units.h"

#include <string.h>

void sweep_fini(struct sweep *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->values[i]);
	free(s->values);
	free(s->numbers);
	free(s->key);
	*s = (struct sweep){.key = NULL};
}

static int sweep_add(struct sweep *s, const char *text, struct err *e)
{
	const char *end;
	double number;
	char letter;

	if (parse_quantity(text, &number, &letter, &end, e) == -1)
		return -1;
	if (*end)
		return err_set(e, "'%.40s' is no number with a unit", text);
	for (size_t i = 0; i < s->n; i++)
		if (s->numbers[i] == number)
			return err_set(e, "%s is swept twice", text);
	s->values = xrealloc(s->values, s->n + 1, sizeof(char *));
	s->numbers = xrealloc(s->numbers, s->n + 1, sizeof(double));
	s->values[s->n] = xstrdup(text);
	s->numbers[s->n++] = number;
	return 0;
}

int sweep_set_values(struct sweep *s, const char *list, struct err *e)
{
	struct sweep fresh = {.key = xstrdup(s->key)};
	char *copy = xstrdup(list), *rest = copy, *word;
	int rc = 0;

	while (rc == 0 && (word = strsep(&rest, ",")) != NULL) {
		word += strspn(word, " ");
		for (size_t n = strlen(word); n && word[n - 1] == ' ';)
			word[--n] = '\0';
		rc = sweep_add(&fresh, word, e);
	}
	if (rc == 0 && fresh.n < 2)
		rc = err_set(e, "a sweep has at least two values");
	free(copy);
	if (rc == -1) {
		sweep_fini(&fresh);
		return err_wrap(e, "sweep");
	}
	sweep_fini(s);
	*s = fresh;
	return 0;
}
