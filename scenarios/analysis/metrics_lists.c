/* metrics_lists.c - the metrics that are a list: what each connection adds to them. */
#include "scenarios/analysis/metrics_lists.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#include <string.h>

static double seconds(int64_t ns)
{
	return (double)ns / (double)NS_PER_S;
}

static void add_handshake(const struct wire_connection *w, struct samples *out)
{
	if (w->syn && w->handshake_ack)
		samples_add(out, seconds(w->handshake_ack - w->syn));
}

static void add_duration(const struct wire_connection *w, struct samples *out)
{
	samples_add(out, seconds(w->last - w->first));
}

static void add_response(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_exchange *x = w->exchanges; x < w->exchanges + w->nexchanges; x++)
		if (x->response_bytes)
			samples_add(out, seconds(x->response_start - x->request_end));
}

static void add_response_total(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_exchange *x = w->exchanges; x < w->exchanges + w->nexchanges; x++)
		if (x->response_bytes)
			samples_add(out, seconds(x->response_end - x->request_start));
}

static void add_data_gap(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_exchange *x = w->exchanges; x < w->exchanges + w->nexchanges; x++)
		if (x->response_bytes)
			samples_add(out, seconds(x->data_gap));
}

static void add_think(const struct wire_connection *w, struct samples *out)
{
	for (size_t i = 1; i < w->nexchanges; i++)
		samples_add(
		    out, seconds(w->exchanges[i].request_start - w->exchanges[i - 1].response_end));
}

static bool delay_counts(const struct ack_gap *g, enum dir data_dir)
{
	return g->data_dir == data_dir && g->pure && !g->resent;
}

static void add_ack_delay(const struct wire_connection *w, struct samples *out)
{
	for (const struct ack_gap *g = w->acks; g < w->acks + w->nacks; g++)
		if (delay_counts(g, DIR_DOWNSTREAM))
			samples_add(out, seconds(g->gap));
}

static void add_upstream_ack_delay(const struct wire_connection *w, struct samples *out)
{
	for (const struct ack_gap *g = w->acks; g < w->acks + w->nacks; g++)
		if (delay_counts(g, DIR_UPSTREAM))
			samples_add(out, seconds(g->gap));
}

static void add_ack_delay_max(const struct wire_connection *w, struct samples *out)
{
	int64_t *longest = xcalloc(w->nexchanges, sizeof(*longest));

	for (const struct ack_gap *g = w->acks; g < w->acks + w->nacks; g++)
		if (g->exchange < w->nexchanges && delay_counts(g, DIR_DOWNSTREAM) &&
		    g->gap > longest[g->exchange])
			longest[g->exchange] = g->gap;
	for (size_t i = 0; i < w->nexchanges; i++)
		samples_add(out, seconds(longest[i]));
	free(longest);
}

static void add_stall(const struct wire_connection *w, struct samples *out)
{
	for (const struct ack_gap *g = w->acks; g < w->acks + w->nacks; g++)
		if (g->stall)
			samples_add(out, seconds(g->gap));
}

static void add_liberation(const struct wire_connection *w, struct samples *out)
{
	for (const struct ack_gap *g = w->acks; g < w->acks + w->nacks; g++)
		if (g->stall)
			samples_add(out, seconds(g->liberated));
}

static void add_request_ack(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_exchange *x = w->exchanges; x < w->exchanges + w->nexchanges; x++)
		if (x->request_acked)
			samples_add(out, seconds(x->request_acked - x->request_end));
}

static void add_silence(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_exchange *x = w->exchanges; x < w->exchanges + w->nexchanges; x++)
		if (x->silence)
			samples_add(out, seconds(x->silence));
}

static void add_unanswered(const struct wire_connection *w, struct samples *out)
{
	if (w->unanswered)
		samples_add(out, seconds(w->unanswered));
}

static void add_dropped_after(const struct wire_connection *w, struct samples *out)
{
	if (w->dropped_after)
		samples_add(out, seconds(w->dropped_after));
}

static void add_reset_answer(const struct wire_connection *w, struct samples *out)
{
	if (w->reset_answers)
		samples_add(out, seconds(w->reset_answer));
}

static void add_fin_ack(const struct wire_connection *w, struct samples *out)
{
	if (w->fin_acked[DIR_UPSTREAM])
		samples_add(out, seconds(w->fin_acked[DIR_UPSTREAM] - w->fin_at[DIR_UPSTREAM]));
}

static void add_fin_wait(const struct wire_connection *w, struct samples *out)
{
	if (w->client_closes)
		samples_add(out, seconds(w->fin_wait));
}

static void add_resend_gap(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_resend *r = w->resends; r < w->resends + w->nresends; r++)
		samples_add(out, seconds(r->gap));
}

static void add_resend_ratio(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_resend *r = w->resends; r < w->resends + w->nresends; r++)
		if (r->before)
			samples_add(out, (double)r->gap / (double)r->before);
}

static const struct {
	const char *name;
	void (*add)(const struct wire_connection *w, struct samples *out);
} lists[] = {
    {"handshake", add_handshake},
    {"duration", add_duration},
    {"response", add_response},
    {"response_total", add_response_total},
    {"data_gap", add_data_gap},
    {"think", add_think},
    {"ack_delay", add_ack_delay},
    {"ack_delay_max_per_exchange", add_ack_delay_max},
    {"upstream_ack_delay", add_upstream_ack_delay},
    {"stall", add_stall},
    {"liberation", add_liberation},
    {"request_ack", add_request_ack},
    {"silence", add_silence},
    {"unanswered", add_unanswered},
    {"dropped_after", add_dropped_after},
    {"reset_answer", add_reset_answer},
    {"fin_ack", add_fin_ack},
    {"fin_wait", add_fin_wait},
    {"resend_gap", add_resend_gap},
    {"resend_ratio", add_resend_ratio},
};

metric_list_fn *metric_list_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (!strcmp(lists[i].name, name))
			return lists[i].add;
	return NULL;
}
