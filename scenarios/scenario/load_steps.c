/* load_steps.c - a step is a mapping of one key, its kind; what stands behind the key depends on
 * it.
 */
#include "scenarios/scenario/load_steps.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "scenarios/scenario/step_set.h"

#include <string.h>

#define DEPTH_MAX 4 /* repetitions inside of repetitions */

/* Steps as they are read. */
struct list {
	struct step *v;
	size_t n;
};

static int load_list(struct loader *l, struct yaml_node *n, struct list *out, unsigned depth);

static struct step *add_step(struct loader *l, struct list *out, enum step_kind kind,
			     struct yaml_node *at)
{
	struct step *s;

	out->v = xrealloc(out->v, out->n + 1, sizeof(*out->v));
	s = &out->v[out->n++];
	*s = (struct step){.kind = kind, .by = 1, .where = load_place(l, at)};
	return s;
}

/* Splits "TARGET.KEY" at its last dot. */
static int load_target(struct loader *l, struct yaml_node *n, const char *text, struct step *s)
{
	const char *dot = strrchr(text, '.');

	if (!dot || dot == text || !dot[1])
		return yaml_error(l->y, n, l->e,
				  "'%.60s' is no parameter; IMPAIRMENT.PARAM, client.KEY or "
				  "TRAFFIC.client.KEY is accepted",
				  text);
	if (strncmp(text, "main.", 5) == 0)
		text += 5;
	s->target = xasprintf("%.*s", (int)(dot - text), text);
	s->key = xstrdup(dot + 1);
	return 0;
}

/* {KEY: VALUE, ...}: one step each. */
static int load_set(struct loader *l, struct yaml_node *n, struct list *out)
{
	if (yaml_kind(n) != YAML_MAPPING || yaml_count(n) == 0)
		return yaml_error(l->y, n, l->e,
				  "a mapping is expected: set: {connection_limit.leak: false}");
	for (size_t i = 0; i < yaml_count(n); i++) {
		struct step *s = add_step(l, out, STEP_SET, yaml_key_node(n, i));

		if (load_target(l, yaml_key_node(n, i), yaml_key(l->y, n, i), s) == -1)
			return -1;
		s->value = load_joined(l, yaml_value(n, i));
		if (!s->value)
			return -1;
	}
	return 0;
}

/* A mapping of plain values, each set by step_set_value; skip: a key that the caller reads. */
static int load_values(struct loader *l, struct yaml_node *n, struct step *s, const char *skip)
{
	if (yaml_kind(n) != YAML_MAPPING)
		return yaml_error(l->y, n, l->e, "a mapping is expected behind '%s'",
				  step_names[s->kind]);
	for (size_t i = 0; i < yaml_count(n); i++) {
		const char *key = yaml_key(l->y, n, i), *text;

		if (skip && strcmp(key, skip) == 0)
			continue;
		text = load_text(l, yaml_value(n, i), key);
		if (!text)
			return -1;
		if (step_set_value(s, key, text, l->e) == -1)
			return yaml_error_wrap(l->y, yaml_key_node(n, i), l->e);
	}
	if (step_check_whole(s, l->e) == -1)
		return yaml_error_wrap(l->y, n, l->e);
	return 0;
}

static int load_ramp(struct loader *l, struct yaml_node *n, struct list *out)
{
	struct step *s;

	if (yaml_kind(n) != YAML_MAPPING || yaml_count(n) != 1)
		return yaml_error(l->y, n, l->e,
				  "one parameter is expected: ramp: {client.connections: {from: 1, "
				  "to: 40, every: 100ms}}");
	s = add_step(l, out, STEP_RAMP, yaml_key_node(n, 0));
	if (load_target(l, yaml_key_node(n, 0), yaml_key(l->y, n, 0), s) == -1)
		return -1;
	return load_values(l, yaml_value(n, 0), s, NULL);
}

static int load_repeat(struct loader *l, struct yaml_node *key, struct yaml_node *n,
		       struct list *out, unsigned depth)
{
	struct list inner = {.n = 0};
	struct yaml_node *steps;
	struct step *s;
	int rc = 0;

	if (depth == DEPTH_MAX)
		return yaml_error(l->y, key, l->e, "repetitions are at most %d deep", DEPTH_MAX);
	steps = yaml_kind(n) == YAML_MAPPING ? yaml_get(l->y, n, "steps") : NULL;
	if (steps)
		rc = load_list(l, steps, &inner, depth + 1);
	s = add_step(l, out, STEP_REPEAT, key);
	s->list = inner.v;
	s->nlist = inner.n;
	return rc == -1 ? -1 : load_values(l, n, s, "steps");
}

static int load_await(struct loader *l, struct yaml_node *key, struct yaml_node *n,
		      struct list *out)
{
	struct step *s = add_step(l, out, STEP_AWAIT, key);

	s->target = xstrdup("main");
	if (yaml_kind(n) == YAML_MAPPING && yaml_get(l->y, n, "failed") &&
	    yaml_get(l->y, n, "completed"))
		return yaml_error(l->y, n, l->e,
				  "an await is for failed or for completed "
				  "exchanges, not both");
	return load_values(l, n, s, NULL);
}

/* The kinds with one word behind them: a section, an impairment, a role. */
static int load_word(struct loader *l, enum step_kind kind, struct yaml_node *key,
		     struct yaml_node *n, struct list *out)
{
	struct step *s = add_step(l, out, kind, key);
	const char *text;

	if (kind == STEP_SECTION)
		return load_name(l, n, "section", &s->target);
	text = load_text(l, n, step_names[kind]);
	if (!text)
		return -1;
	if (kind == STEP_WAIT) {
		if (step_set_value(s, "wait", text, l->e) == -1)
			return yaml_error_wrap(l->y, n, l->e);
		return 0;
	}
	if (kind >= STEP_START && kind <= STEP_VANISH && strncmp(text, "main.", 5) == 0)
		text += 5;
	s->target = xstrdup(text);
	return 0;
}

/* off: and on: are words for a setting. */
static int load_switch(struct loader *l, struct yaml_node *key, struct yaml_node *n, bool on,
		       struct list *out)
{
	const char *text = load_text(l, n, "an impairment");
	struct step *s;

	if (!text)
		return -1;
	s = add_step(l, out, STEP_SET, key);
	s->target = xstrdup(text);
	s->key = xstrdup("enabled");
	s->switched = true;
	s->value = xstrdup(on ? "true" : "false");
	return 0;
}

static int load_step(struct loader *l, struct yaml_node *n, struct list *out, unsigned depth)
{
	static const char *const words[] = {
	    "wait", "section", "set",	 "off",	   "on",   "ramp",  "reset",  "start", "stop",
	    "hang", "kill",    "vanish", "unplug", "plug", "await", "repeat", NULL};
	struct yaml_node *key, *value;
	const char *word;

	if (yaml_kind(n) != YAML_MAPPING || yaml_count(n) != 1)
		return yaml_error(l->y, n, l->e, "a step is a mapping of one key: - wait: 2s");
	if (yaml_only_keys(l->y, n, words, l->e) == -1)
		return -1;
	key = yaml_key_node(n, 0);
	value = yaml_value(n, 0);
	word = yaml_key(l->y, n, 0);
	if (strcmp(word, "off") == 0 || strcmp(word, "on") == 0)
		return load_switch(l, key, value, word[1] == 'n', out);
	if (strcmp(word, "set") == 0)
		return load_set(l, value, out);
	if (strcmp(word, "ramp") == 0)
		return load_ramp(l, value, out);
	if (strcmp(word, "await") == 0)
		return load_await(l, key, value, out);
	if (strcmp(word, "repeat") == 0)
		return load_repeat(l, key, value, out, depth);
	for (int kind = 0; kind < STEP_KINDS; kind++)
		if (strcmp(step_names[kind], word) == 0)
			return load_word(l, (enum step_kind)kind, key, value, out);
	return -1;
}

static int load_list(struct loader *l, struct yaml_node *n, struct list *out, unsigned depth)
{
	if (yaml_kind(n) != YAML_SEQUENCE || yaml_count(n) == 0)
		return yaml_error(l->y, n, l->e,
				  "a list of steps is expected, at least one: [{wait: 2s}]");
	for (size_t i = 0; i < yaml_count(n); i++)
		if (load_step(l, yaml_item(n, i), out, depth) == -1)
			return -1;
	return 0;
}

int load_steps(struct loader *l, struct yaml_node *n, struct phase *p)
{
	struct list list = {.n = 0};
	int rc;

	if (yaml_kind(n) == YAML_SCALAR) /* of another phase: load_borrowed_steps */
		return load_text(l, n, "steps") ? 0 : -1;
	rc = load_list(l, n, &list, 0);
	p->steps = list.v;
	p->nsteps = list.n;
	return rc;
}

static int borrow_steps(struct loader *l, struct yaml_node *n, struct phase *p)
{
	char hint[NEAREST_HINT];
	const char *names[65], *word = yaml_text(l->y, n), *near;
	size_t count = 0;

	for (size_t i = 0; i < l->s->nphases && count < ARRAY_LEN(names) - 1; i++) {
		const struct phase *other = &l->s->phases[i];

		if (!other->nsteps || other == p)
			continue;
		if (strcmp(other->name, word) == 0) {
			p->steps = steps_copy(other->steps, other->nsteps);
			p->nsteps = other->nsteps;
			return 0;
		}
		names[count++] = other->name;
	}
	names[count] = NULL;
	near = nearest_name(word, names);
	return yaml_error(l->y, n, l->e,
			  "there is no other phase '%.40s' with steps%s; a list of "
			  "steps is accepted, or the name of a phase that has one",
			  word, nearest_hint(hint, near));
}

int load_borrowed_steps(struct loader *l, struct yaml_node *n)
{
	for (size_t i = 0; i < l->s->nphases; i++) {
		struct yaml_node *phase = yaml_value(n, i), *steps;

		steps = yaml_kind(phase) == YAML_MAPPING ? yaml_get(l->y, phase, "steps") : NULL;
		if (steps && yaml_kind(steps) == YAML_SCALAR &&
		    borrow_steps(l, steps, &l->s->phases[i]) == -1)
			return -1;
	}
	return 0;
}
