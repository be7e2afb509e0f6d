/* needs.c - a key's row is looked up in every phase; it's enough that it acts in one. */
#include "scenarios/scenario/needs.h"

#include "proxy/base/mem.h"
#include "proxy/base/param.h"
#include "scenarios/workload/registry.h"

#include <string.h>

/* The row and the configuration that "PREFIX.PARAM" of a phase means; NULL: it has none. */
static const struct param *find_row(const struct phase *p, const char *prefix, const char *name,
				    const struct param **table, const void **cfg)
{
	const struct traffic *t = &p->traffic[0];
	const char *dot = strchr(prefix, '.'), *role = dot ? dot + 1 : prefix;
	size_t length = dot ? (size_t)(dot - prefix) : 0;
	bool server = strcmp(role, "server") == 0;
	ssize_t i;

	if (server || strcmp(role, "client") == 0) {
		for (size_t k = 0; dot && k < p->ntraffic; k++)
			if (strncmp(p->traffic[k].name, prefix, length) == 0 &&
			    !p->traffic[k].name[length])
				t = &p->traffic[k];
		*table = workload_params(t->app, server);
		*cfg = server ? t->server.cfg : t->client.cfg;
		return param_find(*table, name);
	}
	if (!dot || strncmp(p->name, prefix, length) != 0 || p->name[length])
		return NULL;
	i = impairment_set_find(p->impairments, role, NULL);
	if (i == -1)
		return NULL;
	*table = p->impairments->inst[i].type->params;
	*cfg = p->impairments->inst[i].cfg;
	return param_find(*table, name);
}

/* True when "PREFIX.name" is set, too, or swept. */
static bool is_set(const struct scenario *s, const char *const *sets, size_t n, const char *prefix,
		   const char *name)
{
	char *key = xasprintf("%s.%s", prefix, name);
	size_t length = strlen(key);
	bool found = s->sweep.n && strcmp(s->sweep.key, key) == 0;

	for (size_t i = 0; i < n && !found; i++)
		found = strncmp(sets[i], key, length) == 0 &&
			(!sets[i][length] || sets[i][length] == '=');
	free(key);
	return found;
}

/* Returns whether a step of the phase "PREFIX.PARAM" is about sets param of the same target. */
static bool steps_give(const struct phase *p, const struct step *list, size_t n, const char *prefix,
		       const char *param)
{
	size_t length = strlen(p->name);

	for (size_t i = 0; i < n; i++) {
		const struct step *s = &list[i];

		if (steps_give(p, s->list, s->nlist, prefix, param))
			return true;
		if ((s->kind == STEP_SET || s->kind == STEP_RAMP) && strcmp(s->key, param) == 0 &&
		    strncmp(prefix, p->name, length) == 0 && prefix[length] == '.' &&
		    strcmp(s->target, prefix + length + 1) == 0)
			return true;
	}
	return false;
}

const char *scenario_set_lacks(const struct scenario *s, const char *const *sets, size_t n,
			       size_t i)
{
	char *prefix = xasprintf("%.*s", (int)strcspn(sets[i], "="), sets[i]);
	char *dot = strrchr(prefix, '.');
	const char *name = NULL;
	bool acts = !dot;

	if (dot)
		*dot = '\0';
	for (size_t k = 0; k < s->nphases && !acts; k++) {
		const struct phase *p = &s->phases[k];
		const struct param *table, *lacks, *row;
		const void *cfg;

		row = find_row(p, prefix, dot + 1, &table, &cfg);
		if (!row)
			continue;
		lacks = param_lacks(table, row, cfg);
		acts = !lacks || steps_give(p, p->steps, p->nsteps, prefix, lacks->name);
		name = lacks ? lacks->name : NULL;
	}
	if (acts || (name && is_set(s, sets, n, prefix, name)))
		name = NULL;
	free(prefix);
	return name;
}

int scenario_check_needs(const struct scenario *s, const char *const *sets, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		const char *lacks = scenario_set_lacks(s, sets, n, i);
		int length = (int)strcspn(sets[i], "=");
		char *prefix;

		if (!lacks)
			continue;
		prefix = xasprintf("%.*s", length, sets[i]);
		*strrchr(prefix, '.') = '\0';
		err_set(e, "--set %s: %.*s has no effect without %s; --set %s.%s=... sets it",
			sets[i], length - (int)strlen(prefix) - 1, sets[i] + strlen(prefix) + 1,
			lacks, prefix, lacks);
		free(prefix);
		return -1;
	}
	return 0;
}

/* Returns whether an action gives row what it needs. */
static bool action_gives(const struct step_action *a, const struct impairment_set *set,
			 ssize_t target, const struct param *row, const char *needed)
{
	const struct step *s = a->step;
	struct impairment_set *copy;
	struct err ignored;
	bool gives;

	if (!s || (s->kind != STEP_SET && s->kind != STEP_RAMP) || strcmp(s->key, needed) != 0 ||
	    impairment_set_find(set, s->target, &ignored) != target)
		return false;
	copy = impairment_set_copy(set);
	gives = impairment_set_param(copy, s->target, s->key, a->value, &ignored) == 0 &&
		!param_lacks(copy->inst[target].type->params, row, copy->inst[target].cfg);
	impairment_set_free(copy);
	return gives;
}

const char *step_action_lacks(const struct step_program *program, size_t i, const struct phase *p)
{
	const struct step *s = program->v[i].step;
	const struct param *row = NULL, *lacks = NULL;
	struct err ignored;
	ssize_t target = -1;

	if (step_needs_impairment(s))
		target = impairment_set_find(p->impairments, s->target, &ignored);
	if (target != -1) {
		const struct impair_inst *inst = &p->impairments->inst[target];

		row = param_find(inst->type->params, s->key);
		lacks = row ? param_lacks(inst->type->params, row, inst->cfg) : NULL;
	}
	for (size_t k = i + 1; lacks && k < program->n; k++)
		if (action_gives(&program->v[k], p->impairments, target, row, lacks->name))
			lacks = NULL;
	return lacks ? lacks->name : NULL;
}
