/* json.c - every text is cleaned of what is no UTF-8; what JSON has no number for becomes null. */
#include "scenarios/report/json.h"

#include "scenarios/base/layout.h"

#include <math.h>

#define SCHEMA 1

/* A text, or null. */
static json_t *json_text(const char *s)
{
	char *clean = layout_utf8(s);
	json_t *j = clean ? json_string(clean) : json_null();

	free(clean);
	return j;
}

static json_t *json_number(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

static json_t *json_shared(const json_t *j)
{
	return j ? json_incref((json_t *)j) : json_object();
}

/* JSON's integers end where int64_t does; a seed beyond becomes a text. */
static json_t *json_seed(uint64_t n)
{
	char buf[24];

	if (n <= INT64_MAX)
		return json_integer((json_int_t)n);
	snprintf(buf, sizeof(buf), "%llu", (unsigned long long)n);
	return json_string(buf);
}

static json_t *list_phases(const struct result *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->nphases; i++) {
		const struct result_phase *p = &r->phases[i];
		json_t *j = json_object(), *captures = json_object();

		json_object_set_new(captures, "client", json_text(p->client_capture));
		json_object_set_new(captures, "server", json_text(p->server_capture));
		json_object_set_new(captures, "both", json_text(p->capture));
		json_object_set_new(j, "name", json_text(p->name));
		json_object_set_new(j, "impairments", json_text(p->impairments));
		json_object_set_new(j, "duration", json_number(p->duration));
		json_object_set_new(j, "captures", captures);
		if (p->steps)
			json_object_set(j, "steps", p->steps);
		json_object_set_new(j, "metrics", json_shared(p->metrics));
		json_object_set_new(j, "counters", json_shared(p->counters));
		json_array_append_new(list, j);
	}
	return list;
}

static const char *unit_name(char unit)
{
	return unit == 's' ? "s" : unit == 'b' ? "bytes" : unit == 'r' ? "ratio" : "count";
}

static json_t *list_rows(const struct result *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->nrows; i++) {
		const struct result_row *row = &r->rows[i];
		json_t *j = json_object(), *values = json_object();

		for (size_t k = 0; k < r->nphases; k++)
			json_object_set_new(values, r->phases[k].name, json_number(row->values[k]));
		json_object_set_new(j, "label", json_text(row->label));
		json_object_set_new(j, "metric", json_text(row->metric));
		json_object_set_new(j, "unit", json_string(unit_name(row->unit)));
		json_object_set_new(j, "values", values);
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *distribution_object(const struct result *r)
{
	const struct result_distribution *d = &r->distribution;
	json_t *j, *edges, *counts;

	if (!d->nbins)
		return json_null();
	j = json_object();
	edges = json_array();
	counts = json_object();
	for (size_t i = 0; i <= d->nbins; i++)
		json_array_append_new(edges, json_number(d->edges[i]));
	for (size_t i = 0; i < r->nphases; i++) {
		json_t *list = json_array();

		for (size_t k = 0; k < d->nbins; k++)
			json_array_append_new(
			    list, json_integer((json_int_t)d->counts[i * d->nbins + k]));
		json_object_set_new(counts, r->phases[i].name, list);
	}
	json_object_set_new(j, "metric", json_text(d->metric));
	json_object_set_new(j, "edges", edges);
	json_object_set_new(j, "counts", counts);
	return j;
}

/* Lists the expectations that were judged, or those that were skipped. */
static json_t *list_expectations(const struct result *r, bool skipped)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->nexpectations; i++) {
		const struct result_expectation *x = &r->expectations[i];
		json_t *j;

		if (x->skipped != skipped)
			continue;
		j = json_object();
		json_object_set_new(j, "text", json_text(x->text));
		json_object_set_new(j, "documented", json_text(x->documented));
		if (skipped) {
			json_object_set_new(j, "why", json_text(x->measured));
		} else {
			json_object_set_new(j, "measured", json_text(x->measured));
			json_object_set_new(j, "ok", json_boolean(x->ok));
		}
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *list_looks(const struct result *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->nlooks; i++) {
		const struct result_look *look = &r->looks[i];
		json_t *j = json_object();

		json_object_set_new(j, "capture", json_text(look->capture));
		json_object_set_new(j, "filter", json_text(look->filter));
		json_object_set_new(j, "frames", json_text(look->frames));
		json_object_set_new(
		    j, "found", look->frames ? json_integer((json_int_t)look->found) : json_null());
		json_array_append_new(list, j);
	}
	return list;
}

/* The packets themselves are in the capture. */
static json_t *connection_object(const struct result *r)
{
	const struct result_connection *c = &r->connection;
	json_t *j, *frames;

	if (!c->phase)
		return json_null();
	j = json_object();
	frames = json_array();
	for (size_t i = 0; i < c->npackets; i++)
		json_array_append_new(frames, json_integer((json_int_t)c->packets[i].frame));
	json_object_set_new(j, "phase", json_text(c->phase));
	json_object_set_new(j, "capture", json_text(c->capture));
	json_object_set_new(j, "stream", json_integer((json_int_t)c->stream));
	json_object_set_new(j, "client", json_text(c->client));
	json_object_set_new(j, "server", json_text(c->server));
	json_object_set_new(j, "by_signature", json_boolean(c->by_signature));
	json_object_set_new(j, "packets", json_integer((json_int_t)c->total));
	json_object_set_new(j, "frames", frames);
	return j;
}

static json_t *span_object(const struct result_span *s)
{
	static const char *const states[] = {
	    [SPAN_NOT_MEASURED] = "not measured", [SPAN_NOT_SEEN] = "not seen",
	    [SPAN_NOT_TOLD] = "can't be told",	  [SPAN_UNANSWERED] = "unanswered",
	    [SPAN_ANSWERED] = "answered",
	};
	json_t *j = json_object();

	json_object_set_new(j, "state", json_string(states[s->state]));
	json_object_set_new(j, "seconds", json_number(s->seconds));
	if (s->state >= SPAN_UNANSWERED)
		json_object_set_new(j, "bytes", json_integer((json_int_t)s->bytes));
	return j;
}

static json_t *list_transactions(const struct result *r)
{
	static const char *const places[] = {"client_app", "client_wire", "server_wire",
					     "server_app"};
	json_t *list = json_array();

	for (size_t i = 0; r->transactions && i < r->nphases; i++) {
		const struct result_transaction *t = &r->transactions[i];
		json_t *j;

		if (!t->exchanges)
			continue;
		j = json_object();
		json_object_set_new(j, "phase", json_text(r->phases[i].name));
		json_object_set_new(j, "exchange", json_integer((json_int_t)t->exchange));
		json_object_set_new(j, "exchanges", json_integer((json_int_t)t->exchanges));
		json_object_set_new(j, "ok", json_boolean(t->ok));
		for (int k = 0; k < VANTAGE_COUNT; k++)
			json_object_set_new(j, places[k], span_object(&t->at[k]));
		json_object_set_new(j, "client_host", json_number(t->client_host));
		json_object_set_new(j, "between", json_number(t->between));
		json_object_set_new(j, "server_host", json_number(t->server_host));
		json_array_append_new(list, j);
	}
	return list;
}

static json_t *list_notes(const struct result *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->nnotes; i++)
		json_array_append_new(list, json_text(r->notes[i]));
	return list;
}

int report_json(const struct result *r, FILE *out)
{
	json_t *j = json_object();
	int rc;

	json_object_set_new(j, "schema", json_integer(SCHEMA));
	json_object_set_new(j, "scenario", json_text(r->scenario));
	json_object_set_new(j, "title", json_text(r->title));
	json_object_set_new(j, "source", json_text(r->source));
	json_object_set_new(j, "story", json_text(r->story));
	json_object_set_new(j, "verdict", json_text(verdict_name(r->verdict)));
	json_object_set_new(j, "why", json_text(r->why));
	json_object_set_new(j, "seed", json_seed(r->seed));
	json_object_set_new(j, "quick", json_boolean(r->quick));
	json_object_set_new(j, "version", json_text(r->version));
	json_object_set_new(j, "started", json_text(r->started));
	json_object_set_new(j, "elapsed", json_number(r->elapsed));
	json_object_set_new(j, "command", json_text(r->command));
	json_object_set_new(j, "environment", json_shared(r->environment));
	json_object_set_new(j, "phases", list_phases(r));
	json_object_set_new(j, "table", list_rows(r));
	json_object_set_new(j, "distribution", distribution_object(r));
	json_object_set_new(j, "expectations", list_expectations(r, false));
	json_object_set_new(j, "not_judged", list_expectations(r, true));
	json_object_set_new(j, "looks", list_looks(r));
	json_object_set_new(j, "transactions", list_transactions(r));
	json_object_set_new(j, "connection", connection_object(r));
	json_object_set_new(j, "notes", list_notes(r));
	rc = json_dumpf(j, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
	json_decref(j);
	fputc('\n', out);
	return rc == -1 || ferror(out) ? -1 : 0;
}
