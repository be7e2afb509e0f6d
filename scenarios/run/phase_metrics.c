/* phase_metrics.c - the vantage decides whether a name is looked up among the applications' metrics
 * or among the wire's; the statistic makes one value of the samples. */
#include "scenarios/run/phase_metrics.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "proxy/base/param.h"
#include "scenarios/analysis/wire_section.h"
#include "scenarios/run/app_metrics.h"
#include "scenarios/run/app_section.h"
#include "scenarios/run/metric_statistic.h"
#include "scenarios/run/select_connections.h"

#include <math.h>
#include <string.h>

#define NAMES_MAX 200 /* of one table of metrics: far more than there are */

static bool is_app(const char *vantage)
{
	return strcmp(vantage, "client_app") == 0 || strcmp(vantage, "server_app") == 0;
}

static void add_app_samples(const struct phase_data *d, const struct metric_ref *ref,
			    const struct app_metric *m, const json_t *result, struct samples *out)
{
	json_t *part = ref->section[0] ? app_section(d, ref->section, result) : NULL;

	app_metric_add_samples(m, part ? part : result, d->duration, out);
	json_decref(part);
}

/* Adds the samples of the programs that are selected. */
static void gather_app(const struct phase_data *d, const struct metric_ref *ref,
		       const struct app_metric *app, const struct selector *s, struct samples *out)
{
	bool server = strcmp(ref->vantage, "server_app") == 0;

	for (size_t i = 0; i < d->nends; i++) {
		const struct end_data *end = &d->ends[i];

		if (end->is_server == server &&
		    (s->traffic == SELECTOR_ANY || end->traffic == (size_t)s->traffic) &&
		    (s->host == SELECTOR_ANY || end->host == (size_t)s->host))
			add_app_samples(d, ref, app, end->result, out);
	}
}

static void add_wire_sections(const struct phase_data *d, const struct metric_ref *ref,
			      const struct wire_metric *m, const struct analysis *selected,
			      struct samples *out)
{
	for (size_t i = 0; i < d->nsections; i++) {
		const struct phase_section *s = &d->sections[i];
		int64_t to = s->to == INT64_MAX ? s->to : s->to + d->wall_offset;

		if (strcmp(s->name, ref->section) == 0)
			wire_metric_add_part(m, selected, 0, s->from + d->wall_offset, to, out);
	}
}

int phase_metric_samples(const struct phase_data *d, const struct metric_ref *ref,
			 struct samples *out, struct err *e)
{
	enum leg leg = strcmp(ref->vantage, "client_wire") == 0 ? LEG_CLIENT : LEG_SERVER;
	const struct app_metric *app = app_metric_find(ref->name);
	const struct wire_metric *wire = wire_metric_find(ref->name);
	struct analysis selected;
	struct selector s;

	if (selector_resolve(d->phase, d->intercept, d->lab.place, ref, &s, e) == -1)
		return -1;
	if (is_app(ref->vantage)) {
		if (!app)
			return err_set(e, "no application metric '%s'", ref->name);
		gather_app(d, ref, app, &s, out);
		return 0;
	}
	if (!wire)
		return err_set(e, "no wire metric '%s'", ref->name);
	select_connections(d, leg, &s, &selected);
	if (ref->section[0])
		add_wire_sections(d, ref, wire, &selected, out);
	else
		wire_metric_add_samples(wire, &selected, 0, out);
	free(selected.connections);
	return 0;
}

/* Makes one value of the samples; those of a single value are of several runs of a phase: counts
 * add up, shares don't. */
static double compute_value(const struct samples *s, const struct metric_ref *ref)
{
	if (ref->stat[0])
		return metric_statistic(s, ref);
	if (s->n == 0)
		return NAN;
	return phase_metric_unit(ref) == 'r' ? samples_mean(s) : samples_sum(s);
}

int phase_metric_value(struct phase_data *const *d, size_t n, const struct metric_ref *ref,
		       double *out, struct err *e)
{
	struct samples s = {0};
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++)
		rc = phase_metric_samples(d[i], ref, &s, e);
	if (rc == 0) {
		*out = compute_value(&s, ref);
		if (isnan(*out))
			rc = err_set(e, "%s%s%s.%s.%s.%s%s%s was not measured (%zu samples)",
				     ref->phase, ref->section[0] ? ":" : "", ref->section,
				     ref->vantage, ref->traffic, ref->name, ref->stat[0] ? "." : "",
				     ref->stat, s.n);
	}
	samples_free(&s);
	return rc;
}

static int find_metric(const char *vantage, const char *name, const char **unit, bool *many)
{
	const struct app_metric *a = app_metric_find(name);
	const struct wire_metric *w = wire_metric_find(name);

	if (is_app(vantage) ? !a : !w)
		return -1;
	*unit = is_app(vantage) ? a->unit : w->unit;
	*many = is_app(vantage) ? a->sampled : wire_metric_is_sampled(w);
	return 0;
}

/* Returns a metric's unit, as in quantity.h, by its word in the tables. */
static char unit_letter(const char *unit)
{
	if (unit[0] == 's')
		return 's';
	if (strcmp(unit, "bytes") == 0)
		return 'b';
	if (strcmp(unit, "bytes/s") == 0)
		return 'R';
	return strcmp(unit, "ratio") == 0 ? 'r' : 'n';
}

char phase_metric_unit(const struct metric_ref *ref)
{
	const char *unit;
	bool many;

	if (find_metric(ref->vantage, ref->name, &unit, &many) == -1)
		return 0;
	return metric_statistic_unit(ref->stat, unit_letter(unit));
}

/* The bounds of share(LOW,HIGH) are in the metric's unit; a share may also be written as a number.
 */
static int check_bounds(const struct metric_ref *ref, char unit, struct err *e)
{
	bool bare = unit == 'n' || unit == 'r',
	     bare_bounds = ref->bounds == 'n' || ref->bounds == 'r';

	if (!ref->bounds || ref->bounds == unit || (bare && bare_bounds))
		return 0;
	return err_set(e, "the bounds of share(LOW,HIGH) have the unit of %s, which is %s",
		       ref->name,
		       unit == 's'   ? "a time: share(190ms,215ms)"
		       : unit == 'b' ? "a size: share(0,64KiB)"
		       : unit == 'R' ? "a rate: share(1MB/s,2MB/s)"
				     : "a bare number: share(1,2)");
}

/* Refuses a statistic that means nothing for the metric. */
static int check_statistic(const struct metric_ref *ref, const char *unit, bool many, struct err *e)
{
	bool timed = !is_app(ref->vantage) || app_metric_is_timed(app_metric_find(ref->name));

	if (many && ref->stat[0] == '\0')
		return err_set(e, "%s has many samples: add .p50, .max, .count, ...", ref->name);
	if (!many && ref->stat[0] != '\0')
		return err_set(e, "%s is one value: it has no .%s", ref->name, ref->stat);
	if (strcmp(ref->stat, "runs_p") == 0 && strcmp(ref->name, "outcome") != 0)
		return err_set(e,
			       "runs_p is of a sequence of two outcomes, as in "
			       "client_app.outcome.runs_p; %s is none",
			       ref->name);
	if (strcmp(ref->stat, "spearman") == 0 && !timed)
		return err_set(e,
			       "METRIC.spearman compares samples with their times, and those of %s "
			       "have none",
			       ref->name);
	return strcmp(ref->stat, "share") == 0 ? check_bounds(ref, unit_letter(unit), e) : 0;
}

/* Of a section only what has a time can be told. */
static int check_section(const struct metric_ref *ref, struct err *e)
{
	bool app = is_app(ref->vantage);

	if (strncmp(ref->name, "first_", 6) == 0 && strcmp(ref->name, "first_byte") != 0 &&
	    !ref->section[0])
		return err_set(e, "%s counts from a section's beginning: PHASE:SECTION.%s.%s",
			       ref->name, ref->vantage, ref->name);
	if (!ref->section[0] ||
	    (app ? app_section_has(ref->name) : wire_metric_has_parts(wire_metric_find(ref->name))))
		return 0;
	return err_set(e, "%s can't be told of one section: it is one figure of the whole %s",
		       ref->name, app ? "program" : "capture");
}

int phase_metric_known(void *arg, const struct metric_ref *ref, struct err *e)
{
	const char *names[NAMES_MAX + 1], *near, *unit;
	size_t n = 0;
	bool many;

	(void)arg;
	if (find_metric(ref->vantage, ref->name, &unit, &many) == 0) {
		if (check_statistic(ref, unit, many, e) == -1 || check_section(ref, e) == -1)
			return -1;
		return phase_metric_unit(ref);
	}
	if (is_app(ref->vantage))
		for (const struct app_metric *m = app_metrics; m->name && n < NAMES_MAX; m++)
			names[n++] = m->name;
	else
		for (const struct wire_metric *m = wire_metrics; m->name && n < NAMES_MAX; m++)
			names[n++] = m->name;
	names[n] = NULL;
	near = nearest_name(ref->name, names);
	return err_set(e, "no metric '%s' at %s%s%s%s", ref->name, ref->vantage,
		       near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static void put_value(json_t *all, struct phase_data *d, const char *vantage, const char *traffic,
		      const char *name, const char *stat)
{
	struct metric_ref ref = {.low = 0};
	char key[160];
	double value;

	snprintf(ref.vantage, sizeof(ref.vantage), "%s", vantage);
	snprintf(ref.traffic, sizeof(ref.traffic), "%s", traffic);
	snprintf(ref.name, sizeof(ref.name), "%s", name);
	snprintf(ref.stat, sizeof(ref.stat), "%s", stat);
	if (phase_metric_value(&d, 1, &ref, &value, NULL) == -1)
		return;
	snprintf(key, sizeof(key), "%s.%s%s%s%s%s", vantage,
		 strcmp(traffic, "main") == 0 ? "" : traffic,
		 strcmp(traffic, "main") == 0 ? "" : ".", name, stat[0] ? "." : "", stat);
	json_object_set_new(all, key, json_real(value));
}

static void put_stats(json_t *all, struct phase_data *d, const char *vantage, const char *traffic,
		      const char *name, bool many)
{
	static const char *const stats[] = {"count", "min", "p50", "p95", "max", "cv"};

	if (!many)
		put_value(all, d, vantage, traffic, name, "");
	for (size_t i = 0; many && i < ARRAY_LEN(stats); i++)
		put_value(all, d, vantage, traffic, name, stats[i]);
}

json_t *phase_metrics_json(struct phase_data *d)
{
	json_t *all = json_object();

	for (size_t i = 0; i < d->phase->ntraffic; i++) {
		const char *traffic = d->phase->traffic[i].name;

		for (const struct app_metric *m = app_metrics; m->name; m++) {
			put_stats(all, d, "client_app", traffic, m->name, m->sampled);
			put_stats(all, d, "server_app", traffic, m->name, m->sampled);
		}
		for (const struct wire_metric *m = wire_metrics; m->name; m++) {
			bool many = wire_metric_is_sampled(m);

			put_stats(all, d, "client_wire", traffic, m->name, many);
			put_stats(all, d, "server_wire", traffic, m->name, many);
		}
	}
	return all;
}
