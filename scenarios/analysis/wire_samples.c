/* wire_samples.c - each sample has the time at which what it measures began. */
#include "scenarios/analysis/wire_samples.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

static void add_time(struct samples *out, int64_t from, int64_t to)
{
	samples_add_at(out, clock_seconds(to - from), from);
}

void wire_add_handshake(const struct wire_connection *w, struct samples *out)
{
	if (w->syn && w->handshake_ack)
		add_time(out, w->syn, w->handshake_ack);
}

void wire_add_duration(const struct wire_connection *w, struct samples *out)
{
	add_time(out, w->first, w->last);
}

void wire_add_response(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_exchange *x = w->exchanges;
	     x < ARRAY_END(w->exchanges, w->nexchanges); x++)
		if (x->response_bytes)
			add_time(out, x->request_end, x->response_start);
}

void wire_add_response_total(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_exchange *x = w->exchanges;
	     x < ARRAY_END(w->exchanges, w->nexchanges); x++)
		if (x->response_bytes)
			add_time(out, x->request_start, x->response_end);
}

void wire_add_data_gap(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_exchange *x = w->exchanges;
	     x < ARRAY_END(w->exchanges, w->nexchanges); x++)
		if (x->response_segments > 1)
			samples_add_at(out, clock_seconds(x->data_gap), x->response_start);
}

void wire_add_think(const struct wire_connection *w, struct samples *out)
{
	for (size_t i = 1; i < w->nexchanges; i++)
		add_time(out, w->exchanges[i - 1].response_end, w->exchanges[i].request_start);
}

static bool delay_counts(const struct ack_gap *g, enum dir data_dir)
{
	return g->data_dir == data_dir && g->pure && !g->resent;
}

static void add_ack_delays(const struct wire_connection *w, enum dir dir, struct samples *out)
{
	for (const struct ack_gap *g = w->acks; g < ARRAY_END(w->acks, w->nacks); g++)
		if (delay_counts(g, dir))
			samples_add_at(out, clock_seconds(g->gap), g->data_at);
}

void wire_add_ack_delay(const struct wire_connection *w, struct samples *out)
{
	add_ack_delays(w, DIR_DOWNSTREAM, out);
}

void wire_add_upstream_ack_delay(const struct wire_connection *w, struct samples *out)
{
	add_ack_delays(w, DIR_UPSTREAM, out);
}

void wire_add_longest_ack_delays(const struct wire_connection *w, struct samples *out)
{
	int64_t *longest = xcalloc(w->nexchanges, sizeof(*longest));

	for (const struct ack_gap *g = w->acks; g < ARRAY_END(w->acks, w->nacks); g++)
		if (g->exchange < w->nexchanges && delay_counts(g, DIR_DOWNSTREAM) &&
		    g->gap > longest[g->exchange])
			longest[g->exchange] = g->gap;
	for (size_t i = 0; i < w->nexchanges; i++)
		if (w->exchanges[i].response_bytes)
			samples_add_at(out, clock_seconds(longest[i]),
				       w->exchanges[i].request_start);
	free(longest);
}

void wire_add_liberation(const struct wire_connection *w, struct samples *out)
{
	for (const struct ack_gap *g = w->acks; g < ARRAY_END(w->acks, w->nacks); g++)
		if (g->stall)
			samples_add_at(out, clock_seconds(g->liberated), g->data_at + g->gap);
}

void wire_add_request_ack(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_exchange *x = w->exchanges;
	     x < ARRAY_END(w->exchanges, w->nexchanges); x++)
		if (x->request_acked)
			add_time(out, x->request_end, x->request_acked);
}

void wire_add_silence(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_exchange *x = w->exchanges;
	     x < ARRAY_END(w->exchanges, w->nexchanges); x++)
		if (x->silence)
			samples_add_at(out, clock_seconds(x->silence), x->silence_from);
}

void wire_add_unanswered(const struct wire_connection *w, struct samples *out)
{
	if (w->unanswered)
		samples_add_at(out, clock_seconds(w->unanswered), w->exchanges[0].request_acked);
}

void wire_add_bodiless(const struct wire_connection *w, struct samples *out)
{
	if (w->bodiless)
		samples_add_at(out, clock_seconds(w->bodiless),
			       w->exchanges[w->nexchanges - 1].request_acked);
}

void wire_add_dropped_after(const struct wire_connection *w, struct samples *out)
{
	if (w->dropped_after)
		samples_add_at(out, clock_seconds(w->dropped_after), w->syn);
}

void wire_add_reset_answer(const struct wire_connection *w, struct samples *out)
{
	if (w->reset_answered)
		add_time(out, w->reset_answered - w->reset_answer, w->reset_answered);
}

void wire_add_fin_ack(const struct wire_connection *w, struct samples *out)
{
	if (w->fin_acked[DIR_UPSTREAM])
		add_time(out, w->fin_at[DIR_UPSTREAM], w->fin_acked[DIR_UPSTREAM]);
}

void wire_add_fin_wait(const struct wire_connection *w, struct samples *out)
{
	if (w->client_closes)
		samples_add_at(out, clock_seconds(w->fin_wait), w->fin_at[DIR_UPSTREAM]);
}

void wire_add_resend_gap(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_resend *r = w->resends; r < ARRAY_END(w->resends, w->nresends); r++)
		samples_add_at(out, clock_seconds(r->gap), r->at);
}

void wire_add_resend_ratio(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_resend *r = w->resends; r < ARRAY_END(w->resends, w->nresends); r++)
		if (r->before > 0)
			samples_add_at(out, (double)r->gap / (double)r->before, r->at);
}

void wire_add_flight(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_flight *f = w->flights; f < ARRAY_END(w->flights, w->nflights); f++)
		samples_add_at(out, (double)f->bytes, f->at);
}

void wire_add_flight_window(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_flight *f = w->flights; f < ARRAY_END(w->flights, w->nflights); f++)
		if (f->window)
			samples_add_at(out, (double)f->bytes / (double)f->window, f->at);
}

void wire_add_flight_unscaled(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_flight *f = w->flights; f < ARRAY_END(w->flights, w->nflights); f++)
		if (w->scale_offer && f->field)
			samples_add_at(out, (double)f->bytes / f->field, f->at);
}

void wire_add_throughput(const struct wire_connection *w, struct samples *out)
{
	int64_t busy = 0;
	uint64_t bytes = 0;

	for (const struct wire_exchange *x = w->exchanges;
	     x < ARRAY_END(w->exchanges, w->nexchanges); x++) {
		if (!x->response_bytes)
			continue;
		busy += x->response_end - x->request_start;
		bytes += x->response_bytes;
	}
	if (busy > 0)
		samples_add_at(out, (double)bytes / clock_seconds(busy), w->first);
}

void wire_add_throughput_scaled(const struct wire_connection *w, struct samples *out)
{
	if (w->syn && w->scale_offer)
		wire_add_throughput(w, out);
}

void wire_add_throughput_unscaled(const struct wire_connection *w, struct samples *out)
{
	if (w->syn && !w->scale_offer)
		wire_add_throughput(w, out);
}

void wire_add_host_silence(const struct wire_connection *w, struct samples *out)
{
	for (const struct wire_silence *s = w->silences; s < ARRAY_END(w->silences, w->nsilences);
	     s++)
		if (s->dir == DIR_DOWNSTREAM)
			add_time(out, s->since, s->to);
}
