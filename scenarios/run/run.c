/* run.c - phases in the scenario's order, each once for every swept value; a fault of the
 * laboratory on the way makes the result invalid. */
#include "scenarios/run/run.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/rng.h"
#include "proxy/base/units.h"
#include "proxy/base/version.h"
#include "scenarios/base/figure_text.h"
#include "scenarios/run/agreement.h"
#include "scenarios/run/distribution.h"
#include "scenarios/run/idle_impairments.h"
#include "scenarios/run/judge.h"
#include "scenarios/run/phase_metrics.h"
#include "scenarios/run/phase_run.h"
#include "scenarios/run/run_announce.h"
#include "scenarios/run/vantage_check.h"
#include "scenarios/run/vantage_table.h"

#include <math.h>
#include <string.h>
#include <time.h>

struct run {
	const struct scenario *scenario;
	const struct run_options *options;
	struct result *result;
	struct measured measured;
	struct progress progress;
	bool warned; /* that the lab lacks a pin */
};

static bool is_selected(const struct run *r, const struct phase *p)
{
	if (p->forward_only && r->scenario->intercept != INTERCEPT_FORWARD)
		return false;
	if (!r->options->phases)
		return true;
	for (const char *const *name = r->options->phases; *name; name++)
		if (strcmp(*name, p->name) == 0)
			return true;
	return false;
}

static size_t count_points(const struct run *r)
{
	return r->scenario->sweep.n ? r->scenario->sweep.n : 1;
}

static void invalidate_result(struct result *res, const char *why)
{
	if (res->verdict != VERDICT_INVALID) {
		res->verdict = VERDICT_INVALID;
		res->why = xstrdup(why);
	}
}

static void add_note(struct result *res, const char *text)
{
	res->notes = xrealloc(res->notes, res->nnotes + 1, sizeof(char *));
	res->notes[res->nnotes++] = xstrdup(text);
}

static uint64_t read_count(const json_t *object, const char *key)
{
	return (uint64_t)json_integer_value(json_object_get(object, key));
}

/* A capture that is broken by itself can't witness. Where something was done to the packets,
 * oddities are only noted. */
static void check_capture(struct result *res, const struct phase_data *d, enum leg leg,
			  bool healthy)
{
	const struct analysis *a = d->wire[leg];
	size_t unreliable = 0;
	char text[256], connections[COUNT_TEXT], packets[COUNT_TEXT];

	for (size_t i = 0; i < a->nconnections; i++)
		unreliable += a->connections[i].unreliable;
	if (a->cut_short) {
		snprintf(text, sizeof(text), "%s: the capture of the %s leg breaks off: %s",
			 d->label, leg_name(leg), a->cut_short);
		invalidate_result(res, text);
	}
	if (!unreliable && !a->not_parsed)
		return;
	snprintf(text, sizeof(text),
		 "%s: in the capture of the %s leg %s %s unreliable, %s could not be parsed",
		 d->label, leg_name(leg), count_text(unreliable, "connection", connections),
		 unreliable == 1 ? "is" : "are", count_text(a->not_parsed, "packet", packets));
	if (healthy)
		invalidate_result(res, text);
	else
		add_note(res, text);
}

/* A laboratory that loses packets on its own lies: its run counts for nothing. */
static void check_losses(struct result *res, const struct phase_data *d)
{
	const char *why;
	char text[256], packets[COUNT_TEXT], times[COUNT_TEXT], verdicts[COUNT_TEXT];

	for (int leg = 0; leg < LEG_COUNT; leg++) {
		uint64_t dropped = read_count(d->taps[leg], "dropped");

		if (dropped == 0)
			continue;
		snprintf(text, sizeof(text), "%s: the capture of the %s leg dropped %s", d->label,
			 leg_name((enum leg)leg), count_text(dropped, "packet", packets));
		invalidate_result(res, text);
	}
	why = json_string_value(json_object_get(d->wedge, "error"));
	if (read_count(d->wedge, "overflows") || read_count(d->wedge, "errors")) {
		snprintf(text, sizeof(text),
			 "%s: the packet queue overflowed %s, %s refused "
			 "(%s); an ordinary user's queue is as large as net.core.rmem_max allows",
			 d->label, count_text(read_count(d->wedge, "overflows"), "time", times),
			 count_text(read_count(d->wedge, "errors"), "verdict", verdicts),
			 why ? why : "no reason given");
		invalidate_result(res, text);
	}
}

/* Without its impairment a phase shows nothing. In a phase that cures something, an impairment that
 * finds nothing to change may be the cure. */
static void warn_of_idle(void *arg, const char *line)
{
	add_note(arg, line);
	if (strncmp(line, "impaired", strlen("impaired")) == 0)
		fprintf(stderr, "wedge: warning: %s\n", line);
}

static void record_phase(struct run *r, const struct phase *p, struct phase_data *d)
{
	struct result *res = r->result;
	struct result_phase *out;

	r->measured.phases =
	    xrealloc(r->measured.phases, r->measured.n + 1, sizeof(struct phase_data *));
	r->measured.phases[r->measured.n++] = d;
	res->phases = xrealloc(res->phases, res->nphases + 1, sizeof(*res->phases));
	out = &res->phases[res->nphases++];
	*out = (struct result_phase){
	    .name = xstrdup(d->label),
	    .impairments = impairment_set_describe(p->impairments),
	    .breaks = phase_breaks(p),
	    .duration = d->duration,
	    .steps = json_incref(d->steps),
	    .metrics = phase_metrics_json(d),
	    .counters = json_pack("{s:O, s:O, s:O}", "client_capture", d->taps[LEG_CLIENT],
				  "server_capture", d->taps[LEG_SERVER], "wedge", d->wedge),
	    .client_capture = xstrdup(d->capture[LEG_CLIENT]),
	    .server_capture = xstrdup(d->capture[LEG_SERVER]),
	};
	res->place = (enum place)r->scenario->pins.place;
	if (!res->environment) {
		res->environment = json_deep_copy(d->environment);
		json_object_set_new(res->environment, "packet_queue",
				    d->backend ? json_string(d->backend) : json_null());
		json_object_set_new(res->environment, "intercept",
				    json_string(intercept_name(r->scenario->intercept)));
		json_object_set_new(res->environment, "place",
				    json_string(place_names[r->scenario->pins.place]));
	}
	if (d->unreached && !res->unreached)
		res->unreached = xasprintf("%s: %s", d->label, d->unreached);
	check_losses(res, d);
	for (int leg = 0; leg < LEG_COUNT; leg++)
		check_capture(res, d, (enum leg)leg, !phase_breaks(p));
	idle_impairments(d, warn_of_idle, res);
}

static void announce_done(struct run *r, const struct phase_data *d)
{
	struct metric_ref ref = {
	    .vantage = "client_app", .traffic = "main", .name = "response", .stat = "p50"};
	char text[64] = "", t[UNITS_TEXT];
	struct phase_data *one = (struct phase_data *)d;
	double median;

	struct metric_ref count = {.vantage = "client_app", .traffic = "main", .name = "exchanges"};
	double exchanges;

	if (phase_metric_value(&one, 1, &ref, &median, NULL) == 0)
		snprintf(text, sizeof(text), "median response %s", format_seconds(median, t));
	if (phase_metric_value(&one, 1, &count, &exchanges, NULL) == 0)
		progress_count(&r->progress, (uint64_t)exchanges);
	progress_phase_done(&r->progress, text);
}

/* Returns how many exchanges the main client will do, when its workload counts them and no steps
 * decide when it ends; 0: not known. */
static uint64_t expected_exchanges(const struct phase *p)
{
	const struct traffic *main_traffic = &p->traffic[0];
	const struct param *count;

	if (main_traffic->client.argv || p->nsteps)
		return 0;
	count = param_find(main_traffic->app->client_params, "exchanges");
	if (!count || count->type != PARAM_COUNT)
		return 0;
	return *(const uint64_t *)(const void *)((const char *)main_traffic->client.cfg +
						 count->offset);
}

enum { LABEL_TEXT = 96 };

static void label_point(const struct run *r, const struct phase *p, size_t point,
			char label[LABEL_TEXT])
{
	bool swept = r->scenario->sweep.n;

	snprintf(label, LABEL_TEXT, "%s%s%s", p->name, swept ? "@" : "",
		 swept ? r->scenario->sweep.values[point] : "");
}

static int run_point(struct run *r, const struct phase *p, size_t point, struct err *e)
{
	const struct sweep *sweep = &r->scenario->sweep;
	struct phase_options o = {
	    .intercept = r->scenario->intercept,
	    .pins = &r->scenario->pins,
	    .seed = r->options->seed,
	    .draws = rng_part_seed(r->options->seed, r->scenario->name),
	    .folder = r->options->folder,
	    .log_level = r->options->log_level,
	    .news = r->options->news,
	};
	struct phase_data *d;
	struct phase *swept = NULL;
	double value = NAN;
	char label[LABEL_TEXT];

	label_point(r, p, point, label);
	if (sweep->n) {
		value = sweep->numbers[point];
		if (phase_at(p, sweep, sweep->values[point], &swept, e) == -1)
			return -1;
	}
	progress_phase(&r->progress, label, expected_exchanges(swept ? swept : p));
	d = phase_run(swept ? swept : p, label, value, &o, &r->progress, e);
	if (d) {
		announce_done(r, d);
		record_phase(r, p, d);
	}
	phase_free(swept);
	return d ? 0 : err_wrap(e, "phase %s", label);
}

static void note_agreement(void *arg, bool agrees, const char *text)
{
	struct result *res = arg;

	add_note(res, text);
	if (!agrees)
		invalidate_result(res, text);
}

static char *iso_time(void)
{
	time_t now = time(NULL);
	struct tm tm;
	char text[32];

	gmtime_r(&now, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return xstrdup(text);
}

static struct result *begin_result(const struct scenario *s, const struct run_options *o)
{
	struct result *res = xcalloc(1, sizeof(*res));

	res->scenario = xstrdup(s->name);
	res->title = xstrdup(s->title);
	res->source = xstrdup(s->source);
	res->story = xstrdup(s->story);
	res->verdict = VERDICT_NOT_REPRODUCED;
	res->seed = o->seed;
	res->version = xstrdup(WEDGE_VERSION);
	res->started = iso_time();
	res->command = xstrdup(o->command);
	res->quick = s->quick;
	res->scaled = s->scaled ? xstrdup(s->scaled) : NULL;
	return res;
}

/* A resend while an ACK is held is the lab's doing; who reads the capture can't know it. */
static void warn_of_pins(struct run *r, const struct phase *p)
{
	char *missing = r->warned ? NULL : lab_pins_missing(&r->scenario->pins, p);

	if (!missing)
		return;
	r->warned = true; /* the other phases have the same impairment, or its cure */
	add_note(r->result, missing);
	fprintf(stderr, "wedge: warning: %s\n", missing);
	free(missing);
}

static int run_phases(struct run *r, struct err *e)
{
	const struct scenario *s = r->scenario;

	for (size_t i = 0; i < s->nphases; i++) {
		if (!is_selected(r, &s->phases[i]))
			continue;
		warn_of_pins(r, &s->phases[i]);
		for (size_t point = 0; point < count_points(r); point++)
			if (run_point(r, &s->phases[i], point, e) == -1)
				return -1;
	}
	return 0;
}

static void judge_run(struct run *r)
{
	char *journal = xasprintf("%s/journal.jsonl", r->options->folder), *why;
	struct err e = {""};

	judge_expectations(r->result, &r->measured);
	judge_rows(r->result, &r->measured);
	judge_looks(r->result, r->scenario);
	vantage_table_fill(r->result, &r->measured);
	distribution_measure(&r->result->distribution, &r->measured);
	why = vantage_check(&r->measured);
	if (why)
		invalidate_result(r->result, why);
	free(why);
	if (agreement_check(journal, r->measured.phases, r->measured.n, note_agreement, r->result,
			    &e) == -1)
		invalidate_result(r->result, e.text);
	judge_verdict(r->result);
	free(journal);
}

/* The labels of what will be run, in turn. */
static json_t *label_phases(const struct run *r)
{
	json_t *labels = json_array();
	char label[LABEL_TEXT];

	for (size_t i = 0; i < r->scenario->nphases; i++)
		for (size_t point = 0; point < count_points(r); point++)
			if (is_selected(r, &r->scenario->phases[i])) {
				label_point(r, &r->scenario->phases[i], point, label);
				json_array_append_new(labels, json_string(label));
			}
	return labels;
}

struct result *run_scenario(const struct scenario *s, const struct run_options *o, struct err *e)
{
	struct run r = {.scenario = s, .options = o, .measured = {.scenario = s}};
	int64_t started = clock_now(&clock_monotonic);
	json_t *labels = label_phases(&r);

	r.result = begin_result(s, o);
	progress_init(&r.progress, s->name, (unsigned)json_array_size(labels), o->news);
	run_announce_begin(o->news, s, o->seed, labels);
	json_decref(labels);
	if (run_phases(&r, e) == -1) {
		if (r.measured.n == 0) {
			result_free(r.result);
			return NULL;
		}
		invalidate_result(r.result, e->text);
	}
	judge_run(&r);
	r.result->elapsed = clock_seconds(clock_now(&clock_monotonic) - started);
	run_announce_end(o->news, r.result);
	for (size_t i = 0; i < r.measured.n; i++)
		phase_data_free(r.measured.phases[i]);
	free(r.measured.phases);
	return r.result;
}
