/* run_announce.c - figures go out as the words that a person reads. */
#include "scenarios/run/run_announce.h"

void run_announce_begin(const struct run_news *news, const struct scenario *s, uint64_t seed,
			const json_t *phases)
{
	run_news_send(news, "scenario", "s:s, s:s*, s:s, s:s, s:s*, s:b, s:s*, s:I, s:s, s:O",
		      "name", s->name, "failure", s->failure, "title", s->title, "story", s->story,
		      "complaint", s->complaint, "quick", s->quick, "scaled", s->scaled, "seed",
		      (json_int_t)seed, "intercept", intercept_name(s->intercept), "phases",
		      phases);
}

static json_t *describe_rows(const struct result *r)
{
	json_t *rows = json_array();
	char text[RESULT_VALUE_TEXT];

	for (size_t i = 0; i < r->nrows; i++) {
		json_t *values = json_array();

		for (size_t p = 0; p < r->nphases; p++)
			json_array_append_new(
			    values, json_string(result_value_format(r->rows[i].values[p],
								    r->rows[i].unit, text)));
		json_array_append_new(
		    rows, json_pack("{s:s, s:o}", "label", r->rows[i].label, "values", values));
	}
	return rows;
}

static json_t *describe_phases(const struct result *r)
{
	json_t *names = json_array();

	for (size_t i = 0; i < r->nphases; i++)
		json_array_append_new(names, json_string(r->phases[i].name));
	return names;
}

static json_t *describe_expectations(const struct result *r)
{
	json_t *list = json_array();

	for (size_t i = 0; i < r->nexpectations; i++) {
		const struct result_expectation *x = &r->expectations[i];

		json_array_append_new(list,
				      json_pack("{s:s, s:s*, s:s*, s:b, s:b}", "text", x->text,
						"documented", x->documented, "measured",
						x->measured, "ok", x->ok, "skipped", x->skipped));
	}
	return list;
}

void run_announce_end(const struct run_news *news, const struct result *r)
{
	if (!news)
		return;
	run_news_send(news, "verdict", "s:s, s:s*, s:f, s:o, s:o, s:o", "verdict",
		      verdict_name(r->verdict), "why", r->why, "elapsed", r->elapsed, "measured",
		      describe_phases(r), "rows", describe_rows(r), "expectations",
		      describe_expectations(r));
}
