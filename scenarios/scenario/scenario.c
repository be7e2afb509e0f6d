/* scenario.c - the end of a scenario. */
#include "scenarios/scenario/scenario.h"

#include <stdlib.h>
#include <string.h>

static void signature_fini(struct signature *s)
{
	for (size_t i = 0; i < s->nconditions; i++)
		expect_free(&s->conditions[i]);
	free(s->conditions);
	free(s->text);
	free(s->vantages);
	free(s->elsewhere);
	free(s->capture);
	free(s->filter);
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
	for (size_t i = 0; i < s->nsignatures; i++)
		signature_fini(&s->signatures[i]);
	for (size_t i = 0; i < s->nfamily; i++)
		free(s->family[i]);
	free(s->family);
	guest_free(s->real_client);
	free(s->failure);
	sweep_fini(&s->sweep);
	free(s->phases);
	free(s->expects);
	free(s->show);
	free(s->signatures);
	free(s->file);
	free(s->name);
	free(s->scaled);
	free(s->title);
	free(s->source);
	free(s->story);
	free(s->complaint);
	free(s);
}

int scenario_compare(const struct scenario *a, const struct scenario *b)
{
	int order =
	    a->failure && b->failure ? strcmp(a->failure, b->failure) : !a->failure - !b->failure;

	return order ? order : strcmp(a->name, b->name);
}
