/* host_freeze.c - every other connection is a witness for a silence, against it, or knows nothing.
 */
#include "scenarios/analysis/host_freeze.h"

#include "proxy/base/clock.h"

#include <math.h>

#define ONSET_SPREAD   (5 * NS_PER_MS)
#define TOGETHER_LEAST 0.8 /* of the witnesses */

/* Returns the index of the first silence, or of the first of n times, that ends after at. */
static size_t find_silence(const struct wire_connection *w, int64_t at)
{
	size_t low = 0, high = w->nsilences;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (w->silences[middle].to <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static size_t find_packet(const int64_t *at, size_t n, int64_t from)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (at[middle] < from)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The host stopped at some time between its last packet and the first one that it left unanswered:
 * two silences may have begun together when these times come near each other. */
static bool begin_together(const struct wire_silence *s, const struct wire_silence *t)
{
	return t->last <= s->since + ONSET_SPREAD && s->last <= t->since + ONSET_SPREAD &&
	       t->to > s->since && s->to > t->since;
}

static bool is_silent_too(const struct wire_connection *w, const struct wire_silence *s)
{
	for (size_t i = find_silence(w, s->since); i < w->nsilences; i++) {
		const struct wire_silence *t = &w->silences[i];

		if (t->dir == s->dir && begin_together(s, t))
			return true;
		if (t->dir == s->dir && t->last > s->to)
			return false;
	}
	return false;
}

/* Returns whether the host spoke on the connection in the silence, but for its edges. */
static bool is_heard(const struct wire_connection *w, const struct wire_silence *s)
{
	size_t n = w->nsent[s->dir];
	size_t i = find_packet(w->sent_at[s->dir], n, s->since + ONSET_SPREAD);

	return i < n && w->sent_at[s->dir][i] <= s->to - ONSET_SPREAD;
}

/* Asks all other connections. *witnesses: those that can tell. */
static bool is_together(const struct analysis *a, uint16_t port, const struct wire_connection *self,
			const struct wire_silence *s, size_t *witnesses)
{
	size_t together = 0;

	*witnesses = 0;
	for (size_t i = 0; i < a->nconnections; i++) {
		const struct wire_connection *w = &a->connections[i];

		if (w == self || !wire_connection_at_port(w, port))
			continue;
		if (is_silent_too(w, s))
			together++;
		else if (!is_heard(w, s))
			continue;
		++*witnesses;
	}
	return together && (double)together >= TOGETHER_LEAST * (double)*witnesses;
}

/* Adds the common silences. Returns how many silences have a witness. */
static size_t judge_silences(const struct analysis *a, uint16_t port, struct samples *out)
{
	size_t judged = 0, witnesses;

	for (size_t i = 0; i < a->nconnections; i++) {
		const struct wire_connection *w = &a->connections[i];

		if (!wire_connection_at_port(w, port))
			continue;
		for (size_t k = 0; k < w->nsilences; k++) {
			const struct wire_silence *s = &w->silences[k];

			if (s->dir != DIR_DOWNSTREAM)
				continue;
			if (is_together(a, port, w, s, &witnesses))
				samples_add_at(out, clock_seconds(s->to - s->since), s->since);
			judged += witnesses > 0;
		}
	}
	return judged;
}

void host_freeze_add_together(const struct analysis *a, uint16_t port, struct samples *out)
{
	judge_silences(a, port, out);
}

double host_freeze_share(const struct analysis *a, uint16_t port)
{
	struct samples together = {0};
	size_t judged = judge_silences(a, port, &together);
	double share = judged ? (double)together.n / (double)judged : NAN;

	samples_free(&together);
	return share;
}
