/* scenario_load.c - the order of the sections: each may name what the ones before have defined. */
#include "scenarios/scenario/scenario_load.h"

#include "proxy/base/mem.h"
#include "proxy/base/yaml_load.h"
#include "scenarios/scenario/catalog.h"
#include "scenarios/scenario/load_expects.h"
#include "scenarios/scenario/load_guest.h"
#include "scenarios/scenario/load_hosts.h"
#include "scenarios/scenario/load_phases.h"
#include "scenarios/scenario/load_signatures.h"
#include "scenarios/scenario/load_traffic.h"
#include "scenarios/scenario/loader.h"
#include "scenarios/scenario/overrides.h"

#include <ctype.h>
#include <string.h>

/* name, title, source, story, complaint. */
static int load_words(struct loader *l, struct yaml_node *root, const char *key, char **out)
{
	struct yaml_node *n = yaml_get(l->y, root, key);
	const char *text;
	size_t length;

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

static int load_mode(struct loader *l, struct yaml_node *n, enum intercept *out)
{
	const char *text = load_text(l, n, "a setting of the lab");

	if (!text)
		return -1;
	if (intercept_parse(text, out) == -1)
		return yaml_error(l->y, n, l->e,
				  "'%.40s' is no intercept mode; " INTERCEPT_MODES " is accepted",
				  text);
	return 0;
}

/* One mode, or a list: the scenario's own, then the others in which it can be judged, too. */
static int load_modes(struct loader *l, struct yaml_node *n)
{
	enum intercept mode = INTERCEPT_EXPLICIT;

	if (yaml_kind(n) != YAML_SEQUENCE)
		return load_mode(l, n, &l->s->intercept);
	l->s->intercepts = 0;
	for (size_t i = 0; i < yaml_count(n); i++) {
		if (load_mode(l, yaml_item(n, i), &mode) == -1)
			return -1;
		if (l->s->intercepts & INTERCEPT_BIT(mode))
			return yaml_error(l->y, yaml_item(n, i), l->e, "'%s' is named twice",
					  intercept_name(mode));
		if (i == 0)
			l->s->intercept = mode;
		l->s->intercepts |= INTERCEPT_BIT(mode);
	}
	if (!l->s->intercepts)
		return yaml_error(l->y, n, l->e,
				  "the list is empty; it takes some of " INTERCEPT_MODES);
	return 0;
}

static int load_lab(struct loader *l, struct yaml_node *n)
{
	if (yaml_kind(n) != YAML_MAPPING)
		return yaml_error(l->y, n, l->e,
				  "a mapping is expected: {intercept: explicit, rto_min: 400ms}");
	for (size_t i = 0; i < yaml_count(n); i++) {
		const char *key = yaml_key(l->y, n, i), *text;
		struct yaml_node *value = yaml_value(n, i);

		if (strcmp(key, "intercept") == 0) {
			if (load_modes(l, value) == -1)
				return -1;
			continue;
		}
		text = load_text(l, value, "a setting of the lab");
		if (!text)
			return -1;
		if (lab_pins_set(&l->s->pins, key, text, l->e) == -1)
			return yaml_error_wrap(
			    l->y, param_find(lab_pin_params, key) ? value : yaml_key_node(n, i),
			    l->e);
	}
	if (lab_pins_check(&l->s->pins, l->s->intercept, l->e) == -1)
		return yaml_error_wrap(l->y, yaml_get(l->y, n, "connect_timeout"), l->e);
	return 0;
}

/* Absent sections are skipped. */
static int load_section(struct loader *l, struct yaml_node *root, const char *key,
			int (*load)(struct loader *, struct yaml_node *))
{
	struct yaml_node *n = yaml_get(l->y, root, key);

	return n ? load(l, n) : 0;
}

/* A cure that changes nothing is none, and what doesn't cure must be something, too. Healthy phases
 * may be alike: what they lack differs. */
static int check_repeats(const struct scenario *s, struct err *e)
{
	for (size_t i = 0; i < s->nphases; i++)
		for (size_t k = 0; k < i; k++) {
			const struct phase *p = &s->phases[i], *before = &s->phases[k];

			if (p->impairments->n && phase_repeats(p, before))
				return err_set(
				    e,
				    "%s: the phase '%s' is '%s' again%s, with the same impairments "
				    "and traffic: it can show nothing else; it must change what "
				    "the source says was changed, or be left out",
				    p->where, p->name, before->name,
				    s->quick ? " under --quick" : "");
		}
	return 0;
}

static int load_alone(struct loader *l, struct yaml_node *n)
{
	const char *text = load_text(l, n, "true or false");

	if (!text)
		return -1;
	if (strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		return yaml_error(l->y, n, l->e, "'%.40s' is neither true nor false", text);
	l->s->alone = strcmp(text, "true") == 0;
	return 0;
}

static int load_sections(struct loader *l, struct yaml_node *root)
{
	static const char *const keys[] = {
	    "name",	"title",   "source", "story", "lab",	   "server",	  "client",
	    "siblings", "phases",  "sweep",  "quick", "expect",	   "show",	  "signature",
	    "hosts",	"failure", "family", "alone", "complaint", "real_client", NULL};
	static const struct yaml_need needs[] = {
	    {"name", NULL},
	    {"title", NULL},
	    {"source", NULL},
	    {"story", NULL},
	    {"server", "{app: rpc, ...}"},
	    {"client", "{app: rpc, ...}"},
	    {"phases", NULL},
	    {"expect", NULL},
	};
	struct scenario *s = l->s;

	if (yaml_only_keys(l->y, root, keys, l->e) == -1 ||
	    yaml_need_keys(l->y, root, needs, ARRAY_LEN(needs), "", l->e) == -1 ||
	    load_words(l, root, "name", &s->name) == -1 || check_scenario_name(l, root) == -1 ||
	    load_words(l, root, "title", &s->title) == -1 ||
	    load_words(l, root, "source", &s->source) == -1 ||
	    load_words(l, root, "story", &s->story) == -1 ||
	    (yaml_get(l->y, root, "complaint") &&
	     load_words(l, root, "complaint", &s->complaint) == -1))
		return -1;
	if (load_section(l, root, "lab", load_lab) == -1 ||
	    load_section(l, root, "hosts", load_hosts) == -1 || load_traffic(l, root) == -1 ||
	    load_section(l, root, "phases", load_phases) == -1 ||
	    load_section(l, root, "sweep", load_sweep) == -1)
		return -1;
	if (l->quick && load_section(l, root, "quick", load_quick) == -1)
		return -1;
	if (check_repeats(l->s, l->e) == -1)
		return -1;
	if (load_section(l, root, "expect", load_expects) == -1 ||
	    load_show(l, yaml_get(l->y, root, "show")) == -1 ||
	    load_section(l, root, "signature", load_signatures) == -1 ||
	    load_section(l, root, "failure", load_failure) == -1 ||
	    load_section(l, root, "family", load_family) == -1)
		return -1;
	if (load_section(l, root, "alone", load_alone) == -1 ||
	    load_section(l, root, "real_client", load_guest) == -1)
		return -1;
	return scenario_check(s, l->e);
}

static int build_scenario(struct yaml *y, bool quick, metric_known_fn *known_metric, void *arg,
			  struct scenario **out, struct err *e)
{
	struct loader l = {
	    .y = y, .quick = quick, .known_metric = known_metric, .known_arg = arg, .e = e};
	int rc;

	l.s = xcalloc(1, sizeof(*l.s));
	l.s->file = xstrdup(yaml_name(y));
	l.s->quick = quick;
	l.s->intercepts = INTERCEPT_ALL;
	param_defaults(lab_pin_params, &l.s->pins);
	host_list_init(&l.hosts);
	rc = load_sections(&l, yaml_root(y));
	for (size_t i = 0; i < l.ntraffic; i++)
		traffic_fini(&l.traffic[i]);
	free(l.traffic);
	host_list_fini(&l.hosts);
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

		rc = build_scenario(y, true, known_metric, arg, &trial, e);
		if (rc == 0)
			scenario_free(trial);
	}
	if (rc == 0)
		rc = build_scenario(y, quick, known_metric, arg, out, e);
	yaml_free(y);
	return rc;
}
