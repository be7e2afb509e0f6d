/* pick.c - the order of the candidates is the catalogue's, however they were named, so that equal
 * seeds pick the same. */
#include "scenarios/blind/pick.h"

#include "proxy/base/mem.h"
#include "proxy/base/rng.h"

#include <string.h>

struct blind_phases blind_phases(const struct scenario *s)
{
	struct blind_phases found = {NULL, NULL};

	for (size_t i = 0; i < s->nphases; i++) {
		const struct phase *p = &s->phases[i];
		bool breaks = phase_breaks(p);

		if (p->forward_only && s->intercept != INTERCEPT_FORWARD)
			continue;
		if (!breaks && !found.healthy)
			found.healthy = p->name;
		if (breaks && (!found.impaired || strcmp(p->name, "impaired") == 0))
			found.impaired = p->name;
	}
	return found;
}

static const char *find_lack(const struct scenario *s)
{
	struct blind_phases p = blind_phases(s);

	if (!s->complaint)
		return "has no complaint";
	if (!p.healthy)
		return "has no phase in which all is well";
	return p.impaired ? NULL : "has no phase in which something goes wrong";
}

/* Marks those that a word of the command line names. */
static int mark_named(const struct catalog *c, const char *word, bool *marked, struct err *e)
{
	char *copy = xstrdup(word), *rest = copy, *name;
	int rc = 0;

	while (rc == 0 && (name = strsep(&rest, ","))) {
		const struct scenario *s = catalog_find(c, name, e);
		const char *lack = s ? find_lack(s) : NULL;

		if (!s)
			rc = -1;
		else if (lack)
			rc = err_set(e, "%s %s, which --blind needs", s->name, lack);
		for (size_t i = 0; rc == 0 && i < c->n; i++)
			marked[i] = marked[i] || c->list[i] == s;
	}
	free(copy);
	return rc;
}

int blind_candidates(const struct catalog *c, char *const *names, size_t n,
		     const struct scenario ***list, size_t *count, struct err *e)
{
	bool *marked = xcalloc(c->n + 1, sizeof(*marked));
	int rc = 0;

	for (size_t i = 0; i < c->n && !n; i++)
		marked[i] = !find_lack(c->list[i]);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = mark_named(c, names[i], marked, e);
	*list = xcalloc(c->n + 1, sizeof(**list));
	*count = 0;
	for (size_t i = 0; i < c->n && rc == 0; i++)
		if (marked[i])
			(*list)[(*count)++] = c->list[i];
	if (rc == 0 && *count == 0)
		rc = err_set(e, "the catalogue has no scenario with a complaint");
	free(marked);
	if (rc == -1)
		free(*list);
	return rc;
}

const struct scenario *blind_pick(const struct scenario *const *list, size_t n, uint64_t seed)
{
	struct rng r = rng_make(rng_part_seed(seed, "blind"), 0, 0);

	return list[rng_below(&r, n)];
}
