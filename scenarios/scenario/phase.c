/* phase.c - phases and sweeps in memory: copies, single values. Reads no YAML. */
#include "scenarios/scenario/load.h"

#include "proxy/base/mem.h"
#include "proxy/base/units.h"

#include <string.h>

static char *copy_text(const char *text)
{
	return text ? xstrdup(text) : NULL;
}

void phase_copy(struct phase *dst, const struct phase *src)
{
	*dst = (struct phase){
	    .name = xstrdup(src->name),
	    .ntraffic = src->ntraffic,
	    .forward_only = src->forward_only,
	    .note = copy_text(src->note),
	    .where = copy_text(src->where),
	};
	dst->traffic = xcalloc(src->ntraffic, sizeof(*dst->traffic));
	for (size_t i = 0; i < src->ntraffic; i++)
		traffic_copy(&dst->traffic[i], &src->traffic[i]);
	dst->impairments = impairment_set_copy(src->impairments);
}

void phase_fini(struct phase *p)
{
	for (size_t i = 0; i < p->ntraffic; i++)
		traffic_fini(&p->traffic[i]);
	free(p->traffic);
	impairment_set_free(p->impairments);
	free(p->name);
	free(p->note);
	free(p->where);
}

void phase_free(struct phase *p)
{
	if (!p)
		return;
	phase_fini(p);
	free(p);
}

static bool starts_with_word(const char *key, const char *word)
{
	size_t n = strlen(word);

	return strncmp(key, word, n) == 0 && key[n] == '.';
}

/* "client.KEY" or "server.KEY" of a traffic. */
static int set_on_traffic(struct traffic *t, const char *key, const char *value, bool *hit,
			  struct err *e)
{
	bool server = starts_with_word(key, "server");

	*hit = server || starts_with_word(key, "client");
	if (!*hit)
		return 0;
	return traffic_set_param(t, server, strchr(key, '.') + 1, value, e);
}

/* "IMPAIRMENT.PARAM" of a phase. */
static int set_on_impairment(struct phase *p, const char *key, const char *value, struct err *e)
{
	const char *dot = strchr(key, '.');
	char *name;
	int rc;

	if (!dot)
		return err_set(
		    e, "PHASE.IMPAIRMENT.PARAM=VALUE is expected: '%s' names no parameter", key);
	if (p->impairments->n == 0)
		return err_set(e, "the phase '%s' has no impairment", p->name);
	name = xasprintf("%.*s", (int)(dot - key), key);
	rc = impairment_set_param(p->impairments, name, dot + 1, value, e);
	free(name);
	return rc;
}

int phase_set(struct phase *p, const char *key, const char *value, bool *hit, struct err *e)
{
	if (set_on_traffic(&p->traffic[0], key, value, hit, e) == -1)
		return -1;
	for (size_t i = 0; !*hit && i < p->ntraffic; i++)
		if (starts_with_word(key, p->traffic[i].name) &&
		    set_on_traffic(&p->traffic[i], strchr(key, '.') + 1, value, hit, e) == -1)
			return -1;
	if (*hit || !starts_with_word(key, p->name))
		return 0;
	*hit = true;
	return set_on_impairment(p, strchr(key, '.') + 1, value, e);
}

int phase_at(const struct scenario *s, const struct phase *p, const char *value, struct phase **out,
	     struct err *e)
{
	struct phase *copy = xcalloc(1, sizeof(*copy));
	bool hit;

	phase_copy(copy, p);
	if (phase_set(copy, s->sweep.key, value, &hit, e) == -1) {
		phase_free(copy);
		return err_wrap(e, "sweep of %s", s->sweep.key);
	}
	*out = copy;
	return 0;
}

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

	if (parse_quantity(text, &number, &end, e) == -1)
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
		word[strcspn(word, " ")] = '\0';
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
