/* load_phases.c - each phase gets copies of the file's traffics and changes them. */
#include "scenarios/scenario/load_phases.h"

#include "impairments/set/set_parse.h"
#include "proxy/base/mem.h"
#include "proxy/base/param.h"
#include "scenarios/scenario/load_hosts.h"
#include "scenarios/scenario/load_steps.h"
#include "scenarios/scenario/load_traffic.h"
#include "scenarios/scenario/needs.h"
#include "scenarios/scenario/overrides.h"

#include <string.h>

#define PHASES_MAX 32

/* An impairment has "on:" or "host:", "on: main" too, which nobody could tell from none. */
static int check_one_target(struct loader *l, struct yaml_node *item)
{
	struct yaml_node *params =
	    yaml_kind(item) == YAML_MAPPING && yaml_count(item) ? yaml_value(item, 0) : NULL;

	if (!params || yaml_kind(params) != YAML_MAPPING || !yaml_get(l->y, params, "on") ||
	    !yaml_get(l->y, params, "host"))
		return 0;
	return yaml_error(l->y, yaml_get(l->y, params, "on"), l->e,
			  "an impairment acts on a host or on a traffic: either host or on");
}

/* "on:" must name a traffic of the file, "host:" a host. */
static int check_targets(struct loader *l, struct yaml_node *list, const struct phase *p)
{
	for (size_t i = 0; i < p->impairments->n; i++) {
		if (i < yaml_count(list) && check_one_target(l, yaml_item(list, i)) == -1)
			return -1;
		if (phase_check_target(p, &p->impairments->inst[i], l->e) == -1)
			return yaml_error_wrap(
			    l->y, i < yaml_count(list) ? yaml_item(list, i) : list, l->e);
	}
	return 0;
}

static int load_impairments(struct loader *l, struct yaml_node *n, struct phase *p)
{
	if (yaml_kind(n) != YAML_SEQUENCE)
		return yaml_error(l->y, n, l->e, "a list of impairments is expected, [] for none");
	if (impairment_set_yaml(p->impairments, l->y, n, l->e) == -1)
		return -1;
	return check_targets(l, n, p);
}

static int load_phase_intercept(struct loader *l, struct yaml_node *n, struct phase *p)
{
	const char *text = load_text(l, n, "the intercept mode");

	if (!text)
		return -1;
	p->forward_only = strcmp(text, "forward") == 0;
	if (!p->forward_only)
		return yaml_error(l->y, n, l->e,
				  "'%.40s': a phase can be limited to 'forward' only", text);
	return 0;
}

/* Reads what a phase changes of the main traffic: parameters, not who plays a role or where. */
static int load_changes(struct loader *l, struct yaml_node *n, struct phase *p, bool server)
{
	static const char *const fixed[] = {"app",  "command", "port", "ready_after",
					    "host", "hosts",   NULL};

	for (const char *const *key = fixed; *key && yaml_kind(n) == YAML_MAPPING; key++)
		if (yaml_get(l->y, n, *key))
			return yaml_error(l->y, yaml_get(l->y, n, *key), l->e,
					  "a phase changes a role's parameters, not its %s", *key);
	return load_role_params(l, n, &p->traffic[0], server);
}

static int load_phase_mapping(struct loader *l, struct yaml_node *n, struct phase *p)
{
	static const char *const keys[] = {"impairments", "client", "server", "hosts",
					   "intercept",	  "note",   "steps",  NULL};
	struct yaml_node *node;

	if (yaml_only_keys(l->y, n, keys, l->e) == -1)
		return -1;
	node = yaml_get(l->y, n, "intercept");
	if (node && load_phase_intercept(l, node, p) == -1)
		return -1;
	node = yaml_get(l->y, n, "client");
	if (node && load_changes(l, node, p, false) == -1)
		return -1;
	node = yaml_get(l->y, n, "server");
	if (node && load_changes(l, node, p, true) == -1)
		return -1;
	node = yaml_get(l->y, n, "hosts");
	if (node && load_host_settings(l, node, &p->hosts) == -1)
		return -1;
	node = yaml_get(l->y, n, "note");
	if (node) {
		const char *text = load_text(l, node, "the note");

		if (!text)
			return -1;
		p->note = xstrdup(text);
	}
	node = yaml_get(l->y, n, "steps");
	if (node && load_steps(l, node, p) == -1)
		return -1;
	node = yaml_get(l->y, n, "impairments");
	return node ? load_impairments(l, node, p) : 0;
}

static int load_phase(struct loader *l, struct yaml_node *key, struct yaml_node *n)
{
	struct scenario *s = l->s;
	struct phase *p;
	char *name;

	if (load_name(l, key, "phase", &name) == -1)
		return -1;
	s->phases = xrealloc(s->phases, s->nphases + 1, sizeof(*s->phases));
	p = &s->phases[s->nphases++];
	*p = (struct phase){.name = name, .ntraffic = l->ntraffic, .where = load_place(l, key)};
	p->traffic = xcalloc(l->ntraffic, sizeof(*p->traffic));
	for (size_t i = 0; i < l->ntraffic; i++)
		traffic_copy(&p->traffic[i], &l->traffic[i]);
	host_list_copy(&p->hosts, &l->hosts);
	p->impairments = impairment_set_new();
	if (yaml_kind(n) == YAML_MAPPING)
		return load_phase_mapping(l, n, p);
	return load_impairments(l, n, p);
}

/* What the baseline's steps do must leave it healthy, or there is nothing to compare with. */
static int check_healthy(const struct step *list, size_t n, struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		const struct step *s = &list[i];

		if (step_breaks(s))
			return err_set(e,
				       "%s: the baseline is healthy: no '%s' there, and no "
				       "impairment; stop and start are accepted",
				       s->where, step_names[s->kind]);
		if (check_healthy(s->list, s->nlist, e) == -1)
			return -1;
	}
	return 0;
}

int load_phases(struct loader *l, struct yaml_node *n)
{
	if (yaml_kind(n) != YAML_MAPPING || yaml_count(n) == 0)
		return yaml_error(l->y, n, l->e,
				  "a mapping of phases is expected: baseline: [], impaired: [...]");
	if (yaml_count(n) > PHASES_MAX)
		return yaml_error(l->y, n, l->e, "at most %d phases", PHASES_MAX);
	for (size_t i = 0; i < yaml_count(n); i++)
		if (load_phase(l, yaml_key_node(n, i), yaml_value(n, i)) == -1)
			return -1;
	if (load_borrowed_steps(l, n) == -1)
		return -1;
	for (size_t i = 0; i < l->s->nphases; i++) {
		const struct phase *p = &l->s->phases[i];

		if (strcmp(p->name, "baseline") != 0)
			continue;
		if (p->impairments->n)
			return yaml_error(l->y, yaml_value(n, i), l->e,
					  "the baseline has no impairment: [] is accepted");
		return check_healthy(p->steps, p->nsteps, l->e);
	}
	return yaml_error(l->y, n, l->e,
			  "there is no phase 'baseline': every run shows the healthy "
			  "case first (baseline: [])");
}

static int check_swept_needs(struct loader *l, struct yaml_node *n)
{
	const char *const set[] = {l->s->sweep.key};
	const char *lacks = scenario_set_lacks(l->s, set, 1, 0);

	if (!lacks)
		return 0;
	return yaml_error(l->y, yaml_key_node(n, 0), l->e, "%s has no effect without %s", set[0],
			  lacks);
}

int load_sweep(struct loader *l, struct yaml_node *n)
{
	struct sweep *sweep = &l->s->sweep;
	bool hit = false;
	char *list;
	int rc;

	if (yaml_kind(n) != YAML_MAPPING || yaml_count(n) != 1)
		return yaml_error(
		    l->y, n, l->e,
		    "one parameter with its values is expected: {client.exchanges: [10, 50]}");
	if (yaml_kind(yaml_value(n, 0)) != YAML_SEQUENCE)
		return yaml_error(l->y, yaml_value(n, 0), l->e, "a list of values is expected");
	list = load_joined(l, yaml_value(n, 0));
	if (!list)
		return -1;
	sweep->key = xstrdup(yaml_key(l->y, n, 0));
	rc = sweep_set_values(sweep, list, l->e);
	free(list);
	if (rc == -1)
		return yaml_error_wrap(l->y, yaml_value(n, 0), l->e);
	for (size_t i = 0; i < l->s->nphases && !hit; i++) {
		struct phase copy;

		phase_copy(&copy, &l->s->phases[i]);
		rc = phase_set(&copy, sweep->key, sweep->values[0], &hit, l->e);
		phase_fini(&copy);
		if (rc == -1)
			return yaml_error_wrap(l->y, yaml_key_node(n, 0), l->e);
	}
	if (!hit)
		return yaml_error(
		    l->y, yaml_key_node(n, 0), l->e,
		    "'%.60s' names nothing that can be swept; client.KEY, server.KEY or "
		    "PHASE.IMPAIRMENT.PARAM is accepted",
		    sweep->key);
	return check_swept_needs(l, n);
}

static void note_scaled(struct scenario *s, const char *assignment)
{
	char *list = s->scaled ? xasprintf("%s, %s", s->scaled, assignment) : xstrdup(assignment);

	free(s->scaled);
	s->scaled = list;
}

/* All are set by then: each may give another one what it needs. */
static int check_quick_needs(struct loader *l, struct yaml_node *n)
{
	const char **keys = xcalloc(yaml_count(n) + 1, sizeof(*keys));
	const char *lacks;
	int rc = 0;

	for (size_t i = 0; i < yaml_count(n); i++)
		keys[i] = yaml_key(l->y, n, i);
	for (size_t i = 0; i < yaml_count(n) && rc == 0; i++) {
		lacks = scenario_set_lacks(l->s, keys, yaml_count(n), i);
		if (lacks)
			rc = yaml_error(l->y, yaml_key_node(n, i), l->e,
					"%s has no effect without %s", keys[i], lacks);
	}
	free(keys);
	return rc;
}

int load_quick(struct loader *l, struct yaml_node *n)
{
	if (yaml_kind(n) != YAML_MAPPING)
		return yaml_error(l->y, n, l->e,
				  "a mapping of overrides is expected: {client.exchanges: 50}");
	for (size_t i = 0; i < yaml_count(n); i++) {
		char *value = load_joined(l, yaml_value(n, i)), *assignment;
		int rc;

		if (!value)
			return -1;
		assignment = xasprintf("%s=%s", yaml_key(l->y, n, i), value);
		rc = scenario_set(l->s, assignment, l->e);
		note_scaled(l->s, assignment);
		free(assignment);
		free(value);
		if (rc == -1)
			return yaml_error_wrap(l->y, yaml_key_node(n, i), l->e);
	}
	return check_quick_needs(l, n);
}
