/* catalog_load.c - a catalogue is loaded whole or not at all. */
#include "scenarios/scenario/catalog_load.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "scenarios/scenario/catalog.h"
#include "scenarios/scenario/scenario_load.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

int catalog_load(const char *dir, bool quick, metric_known_fn *known, struct catalog *c,
		 struct err *e)
{
	char **names;
	size_t n;
	int rc = 0;

	*c = (struct catalog){NULL, 0};
	if (catalog_names(dir, &names, &n, e) == -1)
		return -1;
	c->list = xcalloc(n + 1, sizeof(struct scenario *));
	while (rc == 0 && c->n < n) {
		rc = scenario_load(names[c->n], dir, quick, known, NULL, &c->list[c->n], e);
		c->n += rc == 0;
	}
	catalog_names_free(names, n);
	return rc;
}

void catalog_fini(struct catalog *c)
{
	for (size_t i = 0; i < c->n; i++)
		scenario_free(c->list[i]);
	free(c->list);
	*c = (struct catalog){NULL, 0};
}

struct scenario *catalog_find(const struct catalog *c, const char *word, struct err *e)
{
	const char **names = xcalloc(c->n + 1, sizeof(*names)), *near;
	char hint[NEAREST_HINT];

	for (size_t i = 0; i < c->n; i++) {
		struct scenario *s = c->list[i];

		if (strcmp(s->name, word) == 0 || (s->failure && !strcasecmp(s->failure, word))) {
			free(names);
			return s;
		}
		names[i] = s->name;
	}
	near = nearest_name(word, names);
	err_set(e, "'%.70s' is no failure of the catalogue%s; wedge list shows them", word,
		nearest_hint(hint, near));
	free(names);
	return NULL;
}

static bool is_number(const char *word)
{
	return toupper((unsigned char)word[0]) == 'F' && word[1] &&
	       !word[1 + strspn(word + 1, "0123456789")];
}

char *catalog_name(const char *word, const char *dir, metric_known_fn *known, struct err *e)
{
	const struct scenario *s;
	struct catalog c;
	char *name = NULL;

	if (!is_number(word))
		return xstrdup(word);
	if (catalog_load(dir, false, known, &c, e) == 0) {
		s = catalog_find(&c, word, e);
		name = s ? xstrdup(s->name) : NULL;
	}
	catalog_fini(&c);
	return name;
}
