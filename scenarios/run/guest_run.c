/* guest_run.c - one phase after the other; the program's output is read from its log when the phase
 * is over. */
#include "scenarios/run/guest_run.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/rng.h"
#include "proxy/base/text_print.h"
#include "proxy/base/units.h"
#include "proxy/base/version.h"
#include "scenarios/run/command_output.h"
#include "scenarios/run/phase_run.h"

#include <math.h>
#include <string.h>

static bool is_named(const char *const *names, const char *name)
{
	for (; *names; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static bool is_played(const struct scenario *s, const struct guest *g, bool judged,
		      const struct run_options *o, const struct phase *p)
{
	static const char *const usual[] = {"baseline", "impaired", NULL};

	if (p->forward_only && s->intercept != INTERCEPT_FORWARD)
		return false;
	if (o->phases)
		return is_named(o->phases, p->name);
	return judged ? guest_find_felt(g, p->name) != NULL : is_named(usual, p->name);
}

struct saying {
	const char *says;
	char **line; /* gets the line that is so, for people */
};

static bool is_said(void *arg, const char *line)
{
	const struct saying *s = arg;

	if (!guest_says(s->says, line))
		return false;
	free(*s->line);
	*s->line = text_print_line(line);
	return true;
}

/* What is otherwise than the scenario says; NULL: nothing. */
static char *compare_felt(const struct guest_felt *f, struct guest_phase *p, const char *text)
{
	struct saying s = {f->says, &p->last};
	bool said = f->says && command_output_each(text, is_said, &s);
	char least[UNITS_TEXT], most[UNITS_TEXT], took[UNITS_TEXT];

	if (f->status == GUEST_WAITS && !p->limited)
		return xasprintf("it ended with status %d, and should still wait", p->status);
	if (f->status != GUEST_WAITS && p->limited)
		return xstrdup("it still waited at its limit");
	if (f->status != GUEST_WAITS && f->status != p->status)
		return xasprintf("status %d, not %d", p->status, f->status);
	if (p->seconds < clock_seconds(f->least) || p->seconds > clock_seconds(f->most))
		return xasprintf("it took %s, not %s to %s", format_seconds(p->seconds, took),
				 format_duration(f->least, least), format_duration(f->most, most));
	if (f->says && !said)
		return xasprintf("it doesn't say '%s'", f->says);
	return NULL;
}

static const json_t *find_guest_result(const struct phase_data *d)
{
	for (size_t i = 0; i < d->nends; i++)
		if (d->ends[i].traffic == d->phase->ntraffic - 1 && !d->ends[i].is_server)
			return d->ends[i].result;
	BUG("a phase without its guest");
}

static void record_report(struct result *r, const struct phase_data *d)
{
	r->phases = xrealloc(r->phases, r->nphases + 1, sizeof(*r->phases));
	r->phases[r->nphases++] = (struct result_phase){
	    .name = xstrdup(d->label),
	    .impairments = impairment_set_describe(d->phase->impairments),
	    .breaks = phase_breaks(d->phase),
	    .duration = d->duration,
	    .client_capture = xstrdup(d->capture[LEG_CLIENT]),
	    .server_capture = xstrdup(d->capture[LEG_SERVER]),
	};
}

static void record_guest(struct guest_result *r, const struct phase_data *d, const char *folder)
{
	const json_t *result = find_guest_result(d);
	const struct guest_felt *felt =
	    r->judged ? guest_find_felt(r->guest, d->phase->name) : NULL;
	struct guest_phase *p;
	char *path, *text;

	r->phases = xrealloc(r->phases, r->n + 1, sizeof(*r->phases));
	p = &r->phases[r->n++];
	*p = (struct guest_phase){
	    .name = xstrdup(d->label),
	    .impairments = impairment_set_describe(d->phase->impairments),
	    .status = (int)json_integer_value(json_object_get(result, "exit_status")),
	    .limited = json_is_true(json_object_get(result, "limited")),
	    .seconds = json_number_value(json_object_get(result, "duration")),
	    .log = xasprintf("%s-" GUEST_TRAFFIC "-client.log", d->label),
	};
	path = xasprintf("%s/%s", folder, p->log);
	text = command_output_read(path);
	p->last = command_output_last(text);
	p->differs = felt ? compare_felt(felt, p, text) : NULL;
	free(text);
	free(path);
}

static int play_phase(struct guest_result *r, const struct scenario *s, const struct phase *p,
		      const struct run_options *o, struct progress *progress, struct err *e)
{
	const struct phase_options po = {.intercept = s->intercept,
					 .pins = &s->pins,
					 .seed = o->seed,
					 .draws = rng_part_seed(o->seed, s->name),
					 .folder = o->folder,
					 .log_level = o->log_level};
	const char *value = s->sweep.n ? s->sweep.values[s->sweep.n - 1] : NULL;
	struct phase *own = NULL;
	struct phase_data *d = NULL;

	if (value ? phase_at(p, &s->sweep, value, &own, e) == -1 : !(own = phase_clone(p)))
		return -1;
	progress_phase(progress, p->name, 0);
	if (guest_join(own, r->guest, e) == 0)
		d = phase_run(own, p->name, NAN, &po, progress, e);
	if (d) {
		record_report(r->report, d);
		record_guest(r, d, o->folder);
		progress_phase_done(progress, "");
	}
	phase_data_free(d);
	phase_free(own);
	return d ? 0 : err_wrap(e, "phase %s", p->name);
}

struct guest_result *guest_run(const struct scenario *s, const struct guest *g, bool judged,
			       const struct run_options *o, struct err *e)
{
	struct guest_result *r = xcalloc(1, sizeof(*r));
	struct progress progress;
	unsigned count = 0;

	r->guest = g;
	r->judged = judged;
	r->report = xcalloc(1, sizeof(*r->report));
	r->report->scenario = xstrdup(s->name);
	r->report->seed = o->seed;
	r->report->version = xstrdup(WEDGE_VERSION);
	r->report->command = xstrdup(o->command);
	r->report->place = (enum place)s->pins.place;
	for (size_t i = 0; i < s->nphases; i++)
		count += is_played(s, g, judged, o, &s->phases[i]);
	progress_init(&progress, s->name, count, NULL);
	for (size_t i = 0; i < s->nphases; i++) {
		if (!is_played(s, g, judged, o, &s->phases[i]))
			continue;
		if (play_phase(r, s, &s->phases[i], o, &progress, e) == -1) {
			guest_result_free(r);
			return NULL;
		}
	}
	return r;
}

void guest_result_free(struct guest_result *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++) {
		free(r->phases[i].name);
		free(r->phases[i].impairments);
		free(r->phases[i].last);
		free(r->phases[i].log);
		free(r->phases[i].differs);
	}
	free(r->phases);
	result_free(r->report);
	free(r);
}

static json_t *list_words(char *const *argv)
{
	json_t *list = json_array();

	for (; argv && *argv; argv++)
		json_array_append_new(list, json_stringn_nocheck(*argv, strlen(*argv)));
	return list;
}

json_t *guest_result_json(const struct guest_result *r)
{
	json_t *phases = json_array();

	for (size_t i = 0; i < r->n; i++) {
		const struct guest_phase *p = &r->phases[i];

		json_array_append_new(
		    phases, json_pack("{s:s,s:s,s:i,s:b,s:f,s:s,s:s,s:s?}", "name", p->name,
				      "impairments", p->impairments, "exit_status", p->status,
				      "limited", p->limited, "seconds", p->seconds, "last_line",
				      p->last, "output", p->log, "differs", p->differs));
	}
	return json_pack("{s:s,s:s,s:s,s:I,s:o,s:o,s:b,s:o}", "scenario", r->report->scenario,
			 "version", r->report->version, "run", r->report->command, "seed",
			 (json_int_t)r->report->seed, "command", list_words(r->guest->argv),
			 "server", r->guest->server ? list_words(r->guest->server) : json_null(),
			 "judged", r->judged, "phases", phases);
}
