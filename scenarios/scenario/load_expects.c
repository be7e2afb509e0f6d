/* load_expects.c - every metric that these sections name must be known to whoever measures. */
#include "scenarios/scenario/load_expects.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "proxy/base/param.h"
#include "scenarios/scenario/expect_parse.h"
#include "scenarios/scenario/metric_scan.h"
#include "scenarios/scenario/selector.h"
#include "scenarios/scenario/step_check.h"

#include <string.h>

static int check_section(const struct phase *p, const struct metric_ref *ref, struct err *e)
{
	char hint[NEAREST_HINT];
	const char *names[65] = {SECTION_START}, *near;
	size_t n = p->nsteps ? 1 : 0;

	if (steps_have_section(p->steps, p->nsteps, ref->section))
		return 0;
	if (n)
		n += steps_sections(p->steps, p->nsteps, names + 1, ARRAY_LEN(names) - 2);
	names[n] = NULL;
	near = nearest_name(ref->section, names);
	if (!n)
		return err_set(e, "the phase '%s' has no sections: no steps begin any", p->name);
	return err_set(e, "the phase '%s' has no section '%s'%s", p->name, ref->section,
		       nearest_hint(hint, near));
}

/* Returns whether the word that stands for a traffic is a metric, so that the one behind it must
 * have been meant as a statistic. */
static bool is_metric(struct loader *l, const struct metric_ref *ref)
{
	static const char *const stats[] = {"", "count"}; /* of a single value, of samples */
	struct metric_ref r = *ref;

	if (ref->stat[0] || ref->host[0])
		return false;
	snprintf(r.name, sizeof(r.name), "%s", ref->traffic);
	snprintf(r.traffic, sizeof(r.traffic), "main");
	for (size_t i = 0; i < ARRAY_LEN(stats); i++) {
		snprintf(r.stat, sizeof(r.stat), "%s", stats[i]);
		if (l->known_metric && l->known_metric(l->known_arg, &r, NULL) != -1)
			return true;
	}
	return false;
}

/* A metric_known_fn: phase and traffic are this file's, the metric itself is the caller's to know.
 */
static int check_metric(void *arg, const struct metric_ref *ref, struct err *e)
{
	struct loader *l = arg;
	const struct phase *p = load_find_phase(l->s, ref->phase);

	if (!p)
		return load_refuse_phase(l->s, ref->phase, e);
	if (selector_check(p, l->s->intercept, (enum place)l->s->pins.place, ref, e) == -1)
		return is_metric(l, ref) ? metric_refuse_stat(ref->name, e) : -1;
	if (ref->section[0] && check_section(p, ref, e) == -1)
		return -1;
	return l->known_metric ? l->known_metric(l->known_arg, ref, e) : 0;
}

static int load_expect_mapping(struct loader *l, struct yaml_node *n, struct expect *x,
			       struct yaml_node **text)
{
	static const char *const keys[] = {"that", "documented", "quick", NULL};
	struct yaml_node *node, *quick;

	if (yaml_only_keys(l->y, n, keys, l->e) == -1)
		return -1;
	*text = yaml_get(l->y, n, "that");
	if (!*text)
		return yaml_error(l->y, n, l->e,
				  "the key 'that' is missing: {that: COMPARISON, ...}");
	quick = yaml_get(l->y, n, "quick");
	if (quick && l->quick)
		*text = quick;
	node = yaml_get(l->y, n, "documented");
	if (node) {
		const char *words = load_text(l, node, "the documented number");

		if (!words)
			return -1;
		x->documented = xstrdup(words);
	}
	return 0;
}

static int load_expect(struct loader *l, struct yaml_node *n)
{
	struct expect about = {.text = NULL}, parsed = {.text = NULL}, *x;
	struct yaml_node *node = n;
	const char *text;

	if (yaml_kind(n) == YAML_MAPPING && load_expect_mapping(l, n, &about, &node) == -1)
		goto bad;
	text = load_text(l, node, "an expectation");
	if (!text)
		goto bad;
	if (expect_parse(text, &parsed, check_metric, l, l->e) == -1) {
		err_wrap(l->e, "in '%.200s'", text);
		yaml_error_wrap(l->y, node, l->e);
		goto bad;
	}
	l->s->expects = xrealloc(l->s->expects, l->s->nexpects + 1, sizeof(*x));
	x = &l->s->expects[l->s->nexpects++];
	*x = parsed;
	x->documented = about.documented;
	x->where = load_place(l, node);
	return 0;
bad:
	expect_free(&about);
	return -1;
}

int load_expects(struct loader *l, struct yaml_node *n)
{
	if (yaml_kind(n) != YAML_SEQUENCE || yaml_count(n) == 0)
		return yaml_error(l->y, n, l->e, "a list of comparisons is expected, at least one");
	for (size_t i = 0; i < yaml_count(n); i++)
		if (load_expect(l, yaml_item(n, i)) == -1)
			return -1;
	return 0;
}

static struct show_row *add_row(struct loader *l, const char *label, const char *metric,
				const struct metric_ref *ref)
{
	struct show_row *row;

	l->s->show = xrealloc(l->s->show, l->s->nshow + 1, sizeof(*row));
	row = &l->s->show[l->s->nshow++];
	*row = (struct show_row){.label = xstrdup(label), .metric = xstrdup(metric), .ref = *ref};
	return row;
}

static int load_show_row(struct loader *l, struct yaml_node *n)
{
	static const char *const keys[] = {"metric", "label", NULL};
	struct yaml_node *metric_node, *label_node;
	const char *metric, *label;
	struct metric_ref ref;
	int unit;

	if (yaml_only_keys(l->y, n, keys, l->e) == -1)
		return -1;
	metric_node = yaml_get(l->y, n, "metric");
	label_node = yaml_get(l->y, n, "label");
	if (!metric_node)
		return yaml_error(l->y, n, l->e,
				  "the key 'metric' is missing: {metric: "
				  "client_app.response.p50, label: TEXT}");
	metric = load_text(l, metric_node, "a metric");
	label = label_node ? load_text(l, label_node, "a label") : metric;
	if (!metric || !label)
		return -1;
	if (metric_ref_parse(metric, &ref, l->e) == -1)
		return yaml_error_wrap(l->y, metric_node, l->e);
	unit = check_metric(l, &ref, l->e);
	if (unit == -1)
		return yaml_error_wrap(l->y, metric_node, l->e);
	ref.unit = (char)unit;
	add_row(l, label, metric, &ref);
	return 0;
}

/* Adds a usual row, unless its metric is not measured. */
static void usual_row(struct loader *l, const char *label, const char *metric)
{
	struct metric_ref ref;
	int unit;

	BUG_ON(metric_ref_parse(metric, &ref, NULL) == -1);
	unit = check_metric(l, &ref, NULL);
	if (unit == -1)
		return;
	ref.unit = (char)unit;
	add_row(l, label, metric, &ref);
}

static void usual_rows(struct loader *l)
{
	usual_row(l, "exchanges completed", "client_app.completed");
	usual_row(l, "exchanges failed", "client_app.failed");
	usual_row(l, "response, median", "client_app.response.p50");
	usual_row(l, "response, 95 % below", "client_app.response.p95");
	usual_row(l, "all exchanges", "client_app.total");
	usual_row(l, "retransmissions, client leg", "client_wire.retransmissions");
	usual_row(l, "retransmissions, server leg", "server_wire.retransmissions");
	for (size_t i = 1; i < l->ntraffic; i++) {
		const char *name = l->traffic[i].name;
		char *label = xasprintf("%s: response, median", name);
		char *metric = xasprintf("client_app.%s.response.p50", name);

		usual_row(l, label, metric);
		free(label);
		free(metric);
	}
}

int load_show(struct loader *l, struct yaml_node *n)
{
	if (!n) {
		usual_rows(l);
		return 0;
	}
	if (yaml_kind(n) != YAML_SEQUENCE)
		return yaml_error(l->y, n, l->e,
				  "a list is expected: [{metric: "
				  "client_app.response.p50, label: TEXT}]");
	for (size_t i = 0; i < yaml_count(n); i++)
		if (load_show_row(l, yaml_item(n, i)) == -1)
			return -1;
	return 0;
}
