/* delayed_ack_verdict.c - R4 over all connections of a server port: is this the delayed-ACK
 * failure? */
#include "scenarios/analysis/analysis.h"
#include "scenarios/analysis/stall_rules.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#include <string.h>

/* docs/rules.md, R4. */
#define STALLS_MIN 10
#define SHARE_MIN  0.80
#define CV_MAX	   0.10
#define ONE_CLASS  0.95 /* of the stalls are in the class of their median */

static size_t stalled_exchanges(const struct wire_connection *w)
{
	bool *stalled = xcalloc(w->nexchanges, sizeof(*stalled));
	size_t n = 0;

	for (size_t i = 0; i < w->nacks; i++)
		if (w->acks[i].stall && w->acks[i].exchange < w->nexchanges)
			stalled[w->acks[i].exchange] = true;
	for (size_t i = 0; i < w->nexchanges; i++)
		n += stalled[i];
	free(stalled);
	return n;
}

static bool one_class(const struct samples *gaps, const char *class_name)
{
	size_t n = 0;

	for (size_t i = 0; i < gaps->n; i++) {
		const char *name = delayed_ack_stall_class(gaps->v[i]);

		n += name && !strcmp(name, class_name);
	}
	return (double)n >= ONE_CLASS * (double)gaps->n;
}

void analysis_delayed_ack(const struct analysis *a, uint16_t port, struct delayed_ack_verdict *v)
{
	struct samples gaps = {0};

	memset(v, 0, sizeof(*v));
	for (size_t i = 0; i < a->nconnections; i++) {
		const struct wire_connection *w = &a->connections[i];

		if (port && addr_port(&w->server) != port)
			continue;
		v->unreliable += w->unreliable;
		v->exchanges += w->nexchanges;
		v->stalled_exchanges += stalled_exchanges(w);
		for (size_t k = 0; k < w->nacks; k++)
			if (w->acks[k].stall)
				samples_add(&gaps, (double)w->acks[k].gap / (double)NS_PER_S);
	}
	v->stalls = gaps.n;
	if (v->exchanges)
		v->share = (double)v->stalled_exchanges / (double)v->exchanges;
	v->median = samples_quantile(&gaps, 0.5);
	v->cv = samples_cv(&gaps);
	v->class_name = gaps.n ? delayed_ack_stall_class(v->median) : NULL;
	v->holds = v->stalls >= STALLS_MIN && v->share >= SHARE_MIN && v->class_name &&
		   one_class(&gaps, v->class_name) && v->cv < CV_MAX;
	samples_free(&gaps);
}
