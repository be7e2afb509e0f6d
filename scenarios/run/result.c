/* result.c - a result's words and its end. */
#include "scenarios/run/result.h"

#include "proxy/base/attrs.h"
#include "scenarios/scenario/quantity.h"

const char *verdict_name(enum run_verdict v)
{
	static const char *const names[] = {
	    [VERDICT_REPRODUCED] = "reproduced",
	    [VERDICT_NOT_REPRODUCED] = "not-reproduced",
	    [VERDICT_INVALID] = "invalid",
	};

	return names[v];
}

char *result_value_format(double value, char unit, char buf[RESULT_VALUE_TEXT])
{
	_Static_assert(RESULT_VALUE_TEXT >= QUANTITY_TEXT, "room for every quantity");
	return quantity_format(value, unit, buf);
}

static void free_phase(struct result_phase *p)
{
	free(p->name);
	free(p->impairments);
	json_decref(p->metrics);
	json_decref(p->steps);
	json_decref(p->counters);
	free(p->client_capture);
	free(p->server_capture);
	free(p->capture);
}

static void free_lists(struct result *r)
{
	for (size_t i = 0; i < r->nphases; i++)
		free_phase(&r->phases[i]);
	for (size_t i = 0; i < r->nrows; i++) {
		free(r->rows[i].label);
		free(r->rows[i].metric);
		free(r->rows[i].values);
	}
	for (size_t i = 0; i < r->nexpectations; i++) {
		free(r->expectations[i].text);
		free(r->expectations[i].documented);
		free(r->expectations[i].measured);
	}
	for (size_t i = 0; i < r->nlooks; i++) {
		free(r->looks[i].capture);
		free(r->looks[i].filter);
		free(r->looks[i].frames);
	}
	free(r->looks);
	free(r->distribution.metric);
	free(r->distribution.edges);
	free(r->distribution.counts);
	free(r->distribution.samples);
	free(r->distribution.medians);
	free(r->scaled);
	for (size_t i = 0; i < r->nnotes; i++)
		free(r->notes[i]);
}

static void free_connection(struct result_connection *c)
{
	for (size_t i = 0; i < c->npackets; i++) {
		free(c->packets[i].words);
		free(c->packets[i].comment);
	}
	free(c->packets);
	free(c->phase);
	free(c->capture);
	free(c->client);
	free(c->server);
}

void result_free(struct result *r)
{
	if (!r)
		return;
	free_lists(r);
	free_connection(&r->connection);
	free(r->transactions);
	free(r->phases);
	free(r->rows);
	free(r->expectations);
	free(r->notes);
	free(r->scenario);
	free(r->title);
	free(r->source);
	free(r->story);
	free(r->why);
	free(r->unreached);
	free(r->version);
	free(r->started);
	free(r->command);
	json_decref(r->environment);
	free(r);
}
