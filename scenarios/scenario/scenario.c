/* scenario.c - a scenario file from its text to a checked scenario: the order of its sections. */
#include "scenarios/scenario/load.h"

#include "proxy/base/mem.h"
#include "proxy/base/yaml_load.h"

#include <ctype.h>
#include <string.h>

const char *load_text(struct loader *l, struct yaml_node *n, const char *what)
{
	const char *text;

	if (yaml_kind(n) != YAML_SCALAR) {
		yaml_error(l->y, n, l->e, "%s is one text", what);
		return NULL;
	}
	text = yaml_text(l->y, n);
	if (text[strspn(text, " \t\n")])
		return text;
	yaml_error(l->y, n, l->e, "%s is empty", what);
	return NULL;
}

int load_flag(struct loader *l, struct yaml_node *n, bool *out)
{
	const char *text = load_text(l, n, "a flag");

	if (!text)
		return -1;
	*out = strcmp(text, "true") == 0;
	if (!*out && strcmp(text, "false") != 0)
		return yaml_error(l->y, n, l->e, "'%.40s' is no flag; true or false is accepted",
				  text);
	return 0;
}

int load_name(struct loader *l, struct yaml_node *n, const char *what, char **out)
{
	const char *text = load_text(l, n, "a name");
	size_t length;

	if (!text)
		return -1;
	length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789_");
	if (text[length] || length > NAME_MAX_LEN || !islower((unsigned char)text[0]))
		return yaml_error(l->y, n, l->e,
				  "'%.40s' is no %s's name: a lower-case letter, then at most %d "
				  "letters, digits or _",
				  text, what, NAME_MAX_LEN - 1);
	*out = xstrdup(text);
	return 0;
}

char *load_joined(struct loader *l, struct yaml_node *n)
{
	char *out = NULL;

	if (yaml_kind(n) == YAML_SCALAR)
		return xstrdup(yaml_text(l->y, n));
	if (yaml_kind(n) == YAML_MAPPING || yaml_count(n) == 0) {
		yaml_error(l->y, n, l->e, "a value or a list of values is expected");
		return NULL;
	}
	for (size_t i = 0; i < yaml_count(n); i++) {
		struct yaml_node *item = yaml_item(n, i);
		char *longer;

		if (yaml_kind(item) != YAML_SCALAR) {
			yaml_error(l->y, item, l->e, "a plain value is expected in this list");
			free(out);
			return NULL;
		}
		longer = xasprintf("%s%s%s", out ? out : "", out ? "," : "", yaml_text(l->y, item));
		free(out);
		out = longer;
	}
	return out;
}

char *load_place(struct loader *l, struct yaml_node *n)
{
	struct err place;

	yaml_error(l->y, n, &place, "%s", "");
	place.text[strlen(place.text) - strlen(": ")] = '\0';
	return xstrdup(place.text);
}

/* title, source, story: texts that must be there. */
static int load_words(struct loader *l, struct yaml_node *root, const char *key, char **out)
{
	struct yaml_node *n = yaml_get(l->y, root, key);
	const char *text;
	size_t length;

	if (!n)
		return yaml_error(l->y, root, l->e, "the key '%s' is missing", key);
	text = load_text(l, n, key);
	if (!text)
		return -1;
	*out = xstrdup(text);
	for (length = strlen(text); text[length - 1] == '\n'; length--)
		(*out)[length - 1] = '\0';
	return 0;
}

static int check_scenario_name(struct loader *l, struct yaml_node *root)
{
	const char *name = l->s->name;

	if (strlen(name) <= 64 && islower((unsigned char)name[0]) &&
	    !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-")])
		return 0;
	return yaml_error(l->y, yaml_get(l->y, root, "name"), l->e,
			  "'%.70s' is no scenario's name: a lower-case letter, then at most 63 "
			  "letters, digits or -",
			  name);
}

static const char *const intercept_names[] = {"explicit", "forward", "transparent"};

int intercept_parse(const char *text, enum intercept *out)
{
	for (size_t i = 0; i < ARRAY_LEN(intercept_names); i++)
		if (strcmp(text, intercept_names[i]) == 0) {
			*out = (enum intercept)i;
			return 0;
		}
	return -1;
}

const char *intercept_name(enum intercept mode)
{
	return intercept_names[mode];
}

static int load_lab(struct loader *l, struct yaml_node *n)
{
	static const char *const keys[] = {"intercept", NULL};
	struct yaml_node *mode;
	const char *text;

	if (yaml_only_keys(l->y, n, keys, l->e) == -1)
		return -1;
	mode = yaml_get(l->y, n, "intercept");
	if (!mode)
		return 0;
	text = load_text(l, mode, "the intercept mode");
	if (!text)
		return -1;
	if (intercept_parse(text, &l->s->intercept) == -1)
		return yaml_error(l->y, mode, l->e,
				  "'%.40s' is no intercept mode; " INTERCEPT_MODES " is accepted",
				  text);
	return 0;
}

/* Absent sections are skipped unless they are required. */
static int section(struct loader *l, struct yaml_node *root, const char *key, bool required,
		   int (*load)(struct loader *, struct yaml_node *))
{
	struct yaml_node *n = yaml_get(l->y, root, key);

	if (n)
		return load(l, n);
	if (required)
		return yaml_error(l->y, root, l->e, "the key '%s' is missing", key);
	return 0;
}

static int load_sections(struct loader *l, struct yaml_node *root)
{
	static const char *const keys[] = {"name",   "title",  "source",   "story",	"lab",
					   "server", "client", "siblings", "phases",	"sweep",
					   "quick",  "expect", "show",	   "signature", NULL};
	struct scenario *s = l->s;

	if (yaml_only_keys(l->y, root, keys, l->e) == -1 ||
	    load_words(l, root, "name", &s->name) == -1 || check_scenario_name(l, root) == -1 ||
	    load_words(l, root, "title", &s->title) == -1 ||
	    load_words(l, root, "source", &s->source) == -1 ||
	    load_words(l, root, "story", &s->story) == -1)
		return -1;
	if (section(l, root, "lab", false, load_lab) == -1 || load_traffic(l, root) == -1 ||
	    section(l, root, "phases", true, load_phases) == -1 ||
	    section(l, root, "sweep", false, load_sweep) == -1)
		return -1;
	if (l->quick && section(l, root, "quick", false, load_quick) == -1)
		return -1;
	if (section(l, root, "expect", true, load_expects) == -1 ||
	    load_show(l, yaml_get(l->y, root, "show")) == -1 ||
	    section(l, root, "signature", false, load_signatures) == -1)
		return -1;
	return scenario_check(s, l->e);
}

static int build(struct yaml *y, bool quick, metric_known_fn *known_metric, void *arg,
		 struct scenario **out, struct err *e)
{
	struct loader l = {
	    .y = y, .quick = quick, .known_metric = known_metric, .known_arg = arg, .e = e};
	int rc;

	l.s = xcalloc(1, sizeof(*l.s));
	l.s->file = xstrdup(yaml_name(y));
	l.s->quick = quick;
	rc = load_sections(&l, yaml_root(y));
	for (size_t i = 0; i < l.ntraffic; i++)
		traffic_fini(&l.traffic[i]);
	free(l.traffic);
	if (rc == -1) {
		scenario_free(l.s);
		return -1;
	}
	*out = l.s;
	return 0;
}

static struct yaml *read_document(const char *where, const char *dir, struct err *e)
{
	size_t length = strlen(where), len;
	struct yaml *y;
	char *text, *name;

	if (strchr(where, '/') || (length > 5 && strcmp(where + length - 5, ".yaml") == 0))
		return yaml_load_file(where, e);
	if (catalog_text(dir, where, &text, &len, e) == -1)
		return NULL;
	name = dir ? xasprintf("%s/%s.yaml", dir, where) : xasprintf("%s.yaml", where);
	y = yaml_load_text(name, text, len, e);
	free(name);
	free(text);
	return y;
}

int scenario_load(const char *where, const char *dir, bool quick, metric_known_fn *known_metric,
		  void *arg, struct scenario **out, struct err *e)
{
	struct yaml *y = read_document(where, dir, e);
	int rc = 0;

	if (!y)
		return -1;
	if (!yaml_root(y) || yaml_kind(yaml_root(y)) != YAML_MAPPING)
		rc = err_set(e,
			     "%s:1:1: a scenario is expected: a mapping with name, title, source, "
			     "story, server, client, phases and expect",
			     yaml_name(y));
	/* The quick overrides are checked in every case: a file is right or it is refused. */
	if (rc == 0 && !quick && yaml_get(y, yaml_root(y), "quick")) {
		struct scenario *trial;

		rc = build(y, true, known_metric, arg, &trial, e);
		if (rc == 0)
			scenario_free(trial);
	}
	if (rc == 0)
		rc = build(y, quick, known_metric, arg, out, e);
	yaml_free(y);
	return rc;
}

void scenario_free(struct scenario *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->nphases; i++)
		phase_fini(&s->phases[i]);
	for (size_t i = 0; i < s->nexpects; i++)
		expect_free(&s->expects[i]);
	for (size_t i = 0; i < s->nshow; i++) {
		free(s->show[i].label);
		free(s->show[i].metric);
	}
	for (size_t i = 0; i < s->nsignatures; i++) {
		free(s->signatures[i].text);
		free(s->signatures[i].vantages);
	}
	sweep_fini(&s->sweep);
	free(s->phases);
	free(s->expects);
	free(s->show);
	free(s->signatures);
	free(s->file);
	free(s->name);
	free(s->title);
	free(s->source);
	free(s->story);
	free(s);
}
