/* card_expect.c - a letter stands for every grade that has it, a grade for itself. */
#include "scenarios/check/card_expect.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "proxy/base/units.h"
#include "proxy/base/yaml.h"
#include "proxy/base/yaml_load.h"

#include <math.h>
#include <string.h>

#define DEFAULT	 "default"
#define LETTERS	 "ABCDF"
#define ACCEPTED "accepted are A, B, C, D, F, any, and the grades, such as DETECTED"

struct rule {
	const struct hang_point *point; /* NULL: the default */
	bool grades[GRADE_COUNT];
	char letters[sizeof(LETTERS)]; /* those that are accepted */
	bool any;
	double within; /* seconds; NAN: no matter when */
	char *words;   /* the grades as they were written: "DETECTED or RETRIED-OK" */
};

struct card_expect {
	struct rule *rules;
	size_t n;
};

static bool is_letter(const char *text)
{
	return strlen(text) == 1 && strchr(LETTERS, *text);
}

static int add_grade(struct yaml *y, struct yaml_node *n, struct rule *r, struct err *e)
{
	const char *text;
	char hint[NEAREST_HINT], *words;

	if (yaml_kind(n) != YAML_SCALAR)
		return yaml_error(y, n, e, "a grade is one word; " ACCEPTED);
	text = yaml_text(y, n);
	words = r->words ? xasprintf("%s or %s", r->words, text) : xstrdup(text);
	free(r->words);
	r->words = words;
	if (strcmp(text, "any") == 0) {
		r->any = true;
		return 0;
	}
	if (is_letter(text)) {
		if (!strchr(r->letters, *text))
			r->letters[strlen(r->letters)] = *text;
		return 0;
	}
	for (int i = 0; i < GRADE_COUNT; i++)
		if (strcmp(grade_names[i], text) == 0) {
			r->grades[i] = true;
			return 0;
		}
	return yaml_error(y, n, e, "no grade '%.40s'%s; " ACCEPTED, text,
			  nearest_hint(hint, nearest_name(text, grade_names)));
}

static int read_grades(struct yaml *y, struct yaml_node *n, struct rule *r, struct err *e)
{
	int rc = 0;

	if (yaml_kind(n) != YAML_SEQUENCE)
		return add_grade(y, n, r, e);
	if (yaml_count(n) == 0)
		return yaml_error(y, n, e, "an empty list accepts nothing; " ACCEPTED);
	for (size_t i = 0; rc == 0 && i < yaml_count(n); i++)
		rc = add_grade(y, yaml_item(n, i), r, e);
	return rc;
}

static int read_within(struct yaml *y, struct yaml_node *n, struct rule *r, struct err *e)
{
	int64_t ns;

	if (yaml_kind(n) != YAML_SCALAR)
		return yaml_error(y, n, e, "within is a time, such as 10s");
	if (parse_duration(yaml_text(y, n), &ns, e) == -1)
		return yaml_error_wrap(y, n, e);
	r->within = clock_seconds(ns);
	return 0;
}

/* "T13: A", "T13: [DETECTED, RETRIED-OK]", "T13: {grade: ..., within: 10s}". */
static int read_rule(struct yaml *y, struct yaml_node *n, struct rule *r, struct err *e)
{
	static const char *const keys[] = {"grade", "within", NULL};
	struct yaml_node *grade, *within;

	if (yaml_kind(n) != YAML_MAPPING)
		return read_grades(y, n, r, e);
	if (yaml_only_keys(y, n, keys, e) == -1)
		return -1;
	grade = yaml_get(y, n, "grade");
	within = yaml_get(y, n, "within");
	if (!grade && !within)
		return yaml_error(y, n, e, "needs grade, or within, or both");
	r->any = !grade;
	if (grade && read_grades(y, grade, r, e) == -1)
		return -1;
	return within ? read_within(y, within, r, e) : 0;
}

static int refuse_point(struct yaml *y, struct yaml_node *n, const char *key, struct err *e)
{
	const char **names;
	char hint[NEAREST_HINT];
	size_t count = 0;

	while (hang_points[count].id)
		count++;
	names = xcalloc(count + 2, sizeof(*names)); /* and the default, and the end */
	for (size_t i = 0; i < count; i++)
		names[i] = hang_points[i].id;
	names[count] = DEFAULT;
	yaml_error(y, n, e, "no hang point '%.20s'%s; they are T01 to T26, and " DEFAULT, key,
		   nearest_hint(hint, nearest_name(key, names)));
	free(names);
	return -1;
}

static int read_rules(struct yaml *y, struct card_expect *x, struct err *e)
{
	struct yaml_node *root = yaml_root(y);

	if (!root || yaml_kind(root) != YAML_MAPPING || !yaml_count(root))
		return err_set(e,
			       "%s: expects nothing: a line such as T13: A says what is accepted",
			       yaml_name(y));
	for (size_t i = 0; i < yaml_count(root); i++) {
		const char *key = yaml_key(y, root, i);
		const struct hang_point *p = hang_point_find(key);

		if (!p && strcmp(key, DEFAULT) != 0)
			return refuse_point(y, yaml_key_node(root, i), key, e);
		x->rules = xrealloc(x->rules, x->n + 1, sizeof(*x->rules));
		x->rules[x->n++] = (struct rule){.point = p, .within = NAN};
		if (read_rule(y, yaml_value(root, i), &x->rules[x->n - 1], e) == -1)
			return -1;
	}
	return 0;
}

static struct card_expect *take_document(struct yaml *y, struct err *e)
{
	struct card_expect *x = y ? xcalloc(1, sizeof(*x)) : NULL;

	if (x && read_rules(y, x, e) == -1) {
		card_expect_free(x);
		x = NULL;
	}
	yaml_free(y);
	return x;
}

struct card_expect *card_expect_load(const char *path, struct err *e)
{
	return take_document(yaml_load_file(path, e), e);
}

struct card_expect *card_expect_load_text(const char *name, const char *text, size_t len,
					  struct err *e)
{
	return take_document(yaml_load_text(name, text, len, e), e);
}

void card_expect_free(struct card_expect *x)
{
	for (size_t i = 0; x && i < x->n; i++)
		free(x->rules[i].words);
	if (x)
		free(x->rules);
	free(x);
}

static const struct rule *find_rule(const struct card_expect *x, const struct card_cell *c)
{
	const struct rule *usual = NULL;

	for (size_t i = 0; i < x->n; i++) {
		if (x->rules[i].point == c->point)
			return &x->rules[i];
		if (!x->rules[i].point)
			usual = &x->rules[i];
	}
	return c->letter == '-' ? NULL : usual;
}

/* Seconds of the run that took longest; NAN: those of one aren't known. */
static double find_slowest(const struct card_cell *c)
{
	double slowest = c->seconds;
	const json_t *run;
	size_t i;

	json_array_foreach(c->runs, i, run)
	{
		const json_t *seconds = json_object_get(run, "seconds");

		if (!json_is_number(seconds))
			return NAN;
		slowest = fmax(slowest, json_number_value(seconds));
	}
	return slowest;
}

/* NULL: all is as expected; else the caller frees. */
static char *judge_cell(const struct rule *r, const struct card_cell *c)
{
	double slowest = find_slowest(c);
	char wanted[UNITS_TEXT], took[UNITS_TEXT];

	if (!r->any && !r->grades[c->grade] && !strchr(r->letters, c->letter))
		return xasprintf("%s (%c), expected %s", grade_names[c->grade], c->letter,
				 r->words);
	if (!isnan(r->within) && !(slowest <= r->within))
		return xasprintf("%s in %s, expected within %s", grade_names[c->grade],
				 isnan(slowest) ? "no known time" : format_seconds(slowest, took),
				 format_seconds(r->within, wanted));
	return NULL;
}

size_t card_expect_judge(const struct card_expect *x, struct card *c)
{
	size_t differ = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct rule *r = find_rule(x, &c->cells[i]);

		c->cells[i].unexpected = r ? judge_cell(r, &c->cells[i]) : NULL;
		differ += c->cells[i].unexpected != NULL;
	}
	c->judged = true;
	return differ;
}
