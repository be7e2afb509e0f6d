/* judge.c - asks for each metric of an expectation, over all runs of the phase or one swept point.
 */
#include "scenarios/run/judge.h"

#include "proxy/base/mem.h"
#include "scenarios/base/figure_text.h"
#include "scenarios/run/phase_metrics.h"
#include "scenarios/scenario/expect_judge.h"

#include <math.h>
#include <string.h>

/* A phase's runs: its label is its name, or "NAME@VALUE" for each swept value. */
static bool is_run_of(const struct phase_data *d, const char *phase)
{
	size_t len = strlen(phase);

	return strncmp(d->label, phase, len) == 0 &&
	       (d->label[len] == '\0' || d->label[len] == '@');
}

static size_t find_runs(const struct measured *m, const char *phase, struct phase_data ***first)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++)
		if (is_run_of(m->phases[i], phase)) {
			if (n++ == 0)
				*first = &m->phases[i];
		}
	return n;
}

static int measure_metric(void *arg, const struct metric_ref *ref, int sweep_index, double *out,
			  struct err *e)
{
	const struct measured *m = arg;
	struct phase_data **runs = NULL;
	size_t n = find_runs(m, ref->phase, &runs);

	if (n == 0)
		return err_set(e, "the phase '%s' was not run", ref->phase);
	if (sweep_index < 0)
		return phase_metric_value(runs, n, ref, out, e);
	if ((size_t)sweep_index >= n)
		return err_set(e, "the phase '%s' has no point %d", ref->phase, sweep_index);
	return phase_metric_value(runs + sweep_index, 1, ref, out, e);
}

struct presence {
	const struct measured *m;
	bool all;
};

static void check_presence(void *arg, const struct metric_ref *ref)
{
	struct presence *p = arg;
	struct phase_data **runs;

	if (find_runs(p->m, ref->phase, &runs) == 0)
		p->all = false;
}

void judge_expectations(struct result *r, const struct measured *m)
{
	const struct scenario *s = m->scenario;
	struct metric_source source = {
	    .value = measure_metric,
	    .arg = (void *)m,
	    .nsweep = s->sweep.n,
	    .sweep_values = s->sweep.numbers,
	};

	r->nexpectations = s->nexpects;
	r->expectations = xcalloc(s->nexpects, sizeof(*r->expectations));
	for (size_t i = 0; i < s->nexpects; i++) {
		struct result_expectation *x = &r->expectations[i];
		const struct expect *expect = &s->expects[i];
		struct presence here = {.m = m, .all = true};
		char measured[256] = "";
		struct err e = {""};

		x->text = xstrdup(expect->text);
		x->documented = expect->documented ? xstrdup(expect->documented) : NULL;
		expect_each_metric(expect, check_presence, &here);
		if (!here.all) {
			x->skipped = true;
			x->measured = xstrdup("not judged: a phase that it names was not run");
			continue;
		}
		if (expect_judge(expect, &source, &x->ok, measured, sizeof(measured), &e) == -1) {
			x->ok = false;
			x->measured = xstrdup(e.text);
			continue;
		}
		x->measured = xstrdup(measured);
	}
}

void judge_rows(struct result *r, const struct measured *m)
{
	const struct scenario *s = m->scenario;

	r->nrows = s->nshow;
	r->rows = xcalloc(s->nshow, sizeof(*r->rows));
	for (size_t i = 0; i < s->nshow; i++) {
		struct result_row *row = &r->rows[i];

		row->label = xstrdup(s->show[i].label);
		row->metric = xstrdup(s->show[i].metric);
		row->unit = phase_metric_unit(&s->show[i].ref);
		row->values = xcalloc(m->n, sizeof(double));
		for (size_t k = 0; k < m->n; k++)
			if (phase_metric_value(&m->phases[k], 1, &s->show[i].ref, &row->values[k],
					       NULL) == -1)
				row->values[k] = NAN;
	}
}

/* Returns the run that a signature's capture is of: the one of that name, else the last swept point
 * of that phase. */
static const struct result_phase *find_captured(const struct result *r, const char *name,
						size_t len)
{
	const struct result_phase *found = NULL;

	for (size_t i = 0; i < r->nphases; i++) {
		const char *run = r->phases[i].name;

		if (strncmp(run, name, len) == 0 && (!run[len] || run[len] == '@'))
			found = &r->phases[i];
		if (found == &r->phases[i] && !run[len])
			break;
	}
	return found;
}

void judge_looks(struct result *r, const struct scenario *s)
{
	r->looks = xcalloc(s->nsignatures + 1, sizeof(*r->looks));
	for (size_t i = 0; i < s->nsignatures; i++) {
		const struct signature *sig = &s->signatures[i];
		const char *leg = sig->capture ? strrchr(sig->capture, '-') : NULL;
		const struct result_phase *p =
		    leg ? find_captured(r, sig->capture, (size_t)(leg - sig->capture)) : NULL;
		const char *file;

		if (!p)
			continue;
		file = strcmp(leg, "-client") == 0 ? p->client_capture : p->server_capture;
		if (!file)
			continue;
		r->looks[r->nlooks++] =
		    (struct result_look){.capture = xstrdup(file), .filter = xstrdup(sig->filter)};
	}
}

static bool any_skipped(const struct result *r)
{
	for (size_t i = 0; i < r->nexpectations; i++)
		if (r->expectations[i].skipped)
			return true;
	return false;
}

/* A healthy phase alone reproduces nothing. */
static bool any_impaired(const struct result *r)
{
	for (size_t i = 0; i < r->nphases; i++)
		if (r->phases[i].breaks)
			return true;
	return false;
}

void judge_verdict(struct result *r)
{
	size_t judged = 0, failed = 0, first = 0;
	char count[COUNT_TEXT];

	if (r->verdict == VERDICT_INVALID)
		return;
	for (size_t i = 0; i < r->nexpectations; i++) {
		if (r->expectations[i].skipped)
			continue;
		judged++;
		if (!r->expectations[i].ok && failed++ == 0)
			first = i;
	}
	if (judged == 0) {
		r->verdict = VERDICT_INVALID;
		r->why = xstrdup("no expectation could be judged with the phases that were run");
	} else if (r->unreached) {
		r->verdict = VERDICT_NOT_REPRODUCED;
		r->why = xstrdup(r->unreached);
	} else if (failed) {
		r->verdict = VERDICT_NOT_REPRODUCED;
		r->why = xasprintf("%zu of %s failed; the first: %s: %s", failed,
				   count_text(judged, "expectation", count),
				   r->expectations[first].text, r->expectations[first].measured);
	} else if (any_skipped(r) && !any_impaired(r)) {
		r->verdict = VERDICT_INVALID;
		r->why = xasprintf(
		    "the %s that %s judged %s, but no phase in which something goes wrong was run",
		    count_text(judged, "expectation", count), judged == 1 ? "was" : "were",
		    judged == 1 ? "holds" : "hold");
	} else {
		r->verdict = VERDICT_REPRODUCED;
		r->why = judged == 1 ? xstrdup("its expectation holds")
				     : xasprintf("all %zu expectations hold", judged);
	}
}
