/* catalog_load.c - a catalogue is loaded whole or not at all. */
#include "scenarios/scenario/catalog_load.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "scenarios/scenario/catalog.h"
#include "scenarios/scenario/scenario_load.h"

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
