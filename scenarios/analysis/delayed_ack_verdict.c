/* delayed_ack_verdict.c - R4's second half: number, share, class and constancy of the stalls that
 * the first half (delayed_ack_stall.c) has marked. */
#include "scenarios/analysis/delayed_ack_verdict.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#include <string.h>

/* docs/rules.md, R4. */
#define STALLS_MIN 10
#define SHARE_MIN  0.80
#define CV_MAX	   0.10
#define ONE_CLASS  0.95 /* of the stalls are in the class of their median */

size_t delayed_ack_stalled_exchanges(const struct wire_connection *w)
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

void delayed_ack_stall_gaps(const struct wire_connection *w, struct samples *out)
{
	for (const struct ack_gap *g = w->acks; g < ARRAY_END(w->acks, w->nacks); g++)
		if (g->stall)
			samples_add_at(out, clock_seconds(g->gap), g->data_at);
}

/* Returns the class of a hold by its length; NULL when none fits (500 ms and longer). */
static const char *classify_hold(double seconds)
{
	static const struct {
		double low, high;
		const char *name;
	} classes[] = {
	    {0.040, 0.060, "Linux (40-60 ms)"},
	    {0.090, 0.115, "BSD, macOS, Solaris (90-115 ms)"},
	    {0.185, 0.225, "Windows classic (185-225 ms)"},
	    {0.000, 0.500, "another delayed ACK (below 500 ms)"},
	};

	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (seconds >= classes[i].low && seconds < classes[i].high)
			return classes[i].name;
	return NULL;
}

static bool have_one_class(const struct samples *gaps, const char *class_name)
{
	size_t n = 0;

	for (size_t i = 0; i < gaps->n; i++) {
		const char *name = classify_hold(gaps->v[i]);

		n += name && !strcmp(name, class_name);
	}
	return (double)n >= ONE_CLASS * (double)gaps->n;
}

void delayed_ack_judge(const struct analysis *a, uint16_t port, struct delayed_ack_verdict *v)
{
	struct samples gaps = {0};

	memset(v, 0, sizeof(*v));
	for (size_t i = 0; i < a->nconnections; i++) {
		const struct wire_connection *w = &a->connections[i];

		if (!wire_connection_at_port(w, port))
			continue;
		v->unreliable += w->unreliable;
		v->exchanges += w->nexchanges;
		v->stalled_exchanges += delayed_ack_stalled_exchanges(w);
		delayed_ack_stall_gaps(w, &gaps);
	}
	v->stalls = gaps.n;
	if (v->exchanges)
		v->share = (double)v->stalled_exchanges / (double)v->exchanges;
	v->median = samples_quantile(&gaps, 0.5);
	v->cv = samples_cv(&gaps);
	v->class_name = gaps.n ? classify_hold(v->median) : NULL;
	v->holds = v->stalls >= STALLS_MIN && v->share >= SHARE_MIN && v->class_name &&
		   have_one_class(&gaps, v->class_name) && v->cv < CV_MAX;
	samples_free(&gaps);
}
