/* services.c - a hash table with open addressing, and additions. */
#include "scenarios/diagnosis/services.h"

#include "proxy/base/clock.h"
#include "proxy/base/hash.h"
#include "proxy/base/mem.h"

#include <string.h>

#define BUCKETS (2 * SERVICES_MAX)
#define LATE	(50 * NS_PER_MS)
#define MUCH	4096 /* bytes at one moment: more than the usual first write */

/* A service that everything beyond SERVICES_MAX is added to. */
static const struct addr others = {.in.sin_family = AF_INET}; /* 0.0.0.0:0 */

/* A capture that makes collisions costs SERVICES_MAX steps each. */
static size_t hash_server(const struct addr *a)
{
	uint64_t h = hash_addr(HASH_BEGIN, a);

	return (size_t)(h ^ h >> 32) % BUCKETS;
}

static struct service *add_service(struct services *s, const struct addr *server, size_t bucket)
{
	struct service *x = xcalloc(1, sizeof(*x));

	x->server = *server;
	if (s->n == s->room) {
		s->room = s->room ? s->room * 2 : 8;
		s->list = xrealloc(s->list, s->room, sizeof(*s->list));
	}
	s->list[s->n++] = x;
	s->buckets[bucket] = (uint32_t)s->n;
	return x;
}

struct service *services_get(struct services *s, const struct addr *server)
{
	size_t bucket = hash_server(server);

	if (!s->buckets)
		s->buckets = xcalloc(BUCKETS, sizeof(*s->buckets));
	while (s->buckets[bucket]) {
		struct service *x = s->list[s->buckets[bucket] - 1];

		if (addr_equal(&x->server, server))
			return x;
		bucket = (bucket + 1) % BUCKETS;
	}
	if (s->n >= SERVICES_MAX && server != &others)
		return services_get(s, &others);
	return add_service(s, server, bucket);
}

/* Whether it began late, with much at one moment, and went on no faster than twice the rate at
 * which that much would have come since the request. A server that thinks, and then has all of it,
 * goes on at the path's rate. */
static bool is_gathered(const struct wire_first_answer *a)
{
	uint64_t rest = a->bytes - a->burst;

	return a->wait >= LATE && a->burst >= MUCH && rest >= MUCH &&
	       (double)rest * (double)a->wait <= 2 * (double)a->burst * (double)a->lasted;
}

/* Counts what became of a connection. */
static void count_outcome(struct service_counts *n, const struct wire_connection *w)
{
	bool answered = w->data_bytes[DIR_DOWNSTREAM] > 0;
	bool dropped = w->dropped_after && !answered && !w->midstream;
	int64_t fin = w->fin_at[DIR_DOWNSTREAM], rst = w->rst_at[DIR_DOWNSTREAM];
	bool by_rst = rst && (!fin || rst < fin);

	n->refused += w->syn && !w->syn_ack && w->rst_at[DIR_DOWNSTREAM];
	n->answered += answered;
	n->gathered += is_gathered(&w->first_answer) && !w->unreliable;
	n->prompt += answered && w->first_answer.wait < LATE;
	n->empty +=
	    w->handshake_ack && w->client_closes && !answered && !w->data_bytes[DIR_UPSTREAM];
	n->dropped_by_fin += dropped && !by_rst;
	n->dropped_by_rst += dropped && by_rst;
	n->truncated += w->truncated && !w->unreliable;
	n->reset_answers += w->reset_answered != 0;
	n->forgotten += w->reset_answered && w->retransmissions[DIR_UPSTREAM] && !w->unreliable;
}

static void count_connection(struct service_counts *n, const struct wire_connection *w)
{
	n->connections++;
	n->midstream += w->midstream;
	n->unreliable += w->unreliable;
	n->reused += w->reused;
	count_outcome(n, w);
	n->exchanges += w->nexchanges;
	for (int d = 0; d < DIR_COUNT; d++) {
		n->syns[d] += w->syns[d];
		n->fins[d] += w->fins[d];
		n->resets[d] += w->resets[d];
		n->data_segments[d] += w->data_segments[d];
		n->data_bytes[d] += w->data_bytes[d];
		n->fast_retransmissions[d] += w->fast_retransmissions[d];
		n->retransmissions[d] += w->retransmissions[d];
		n->judged_retransmissions[d] += w->unreliable ? 0 : w->retransmissions[d];
		n->out_of_order[d] += w->out_of_order[d];
		n->duplicate_acks[d] += w->duplicate_acks[d];
		n->zero_windows[d] += w->zero_windows[d];
	}
}

static void take_outcome_times(struct service *s, const struct wire_connection *w)
{
	bool answered = w->data_bytes[DIR_DOWNSTREAM] > 0;
	bool given_up = w->client_closes || w->rst_at[DIR_UPSTREAM];

	if (w->unanswered && given_up)
		durations_add(&s->unanswered, w->unanswered);
	if (w->headers_only && !w->truncated)
		durations_add(&s->headers_only, w->bodiless);
	if (w->client_closes && w->fin_acked[DIR_UPSTREAM] && w->fin_wait)
		durations_add(&s->fin_waits, w->fin_wait);
	if (w->dropped_after && !answered && !w->midstream)
		durations_add(&s->drops, w->dropped_after);
}

void service_take(struct service *s, const struct wire_connection *w, const struct tallies *t,
		  int64_t begin, int64_t end)
{
	bool hidden = false;

	count_connection(&s->counts, w);
	if (w->syn && w->syn_ack > w->syn)
		durations_add(&s->connects, w->syn_ack - w->syn);
	take_outcome_times(s, w);
	for (int c = 0; c < CAUSE_COUNT; c++) {
		s->with[c] += t->of[c] != NULL;
		hidden =
		    hidden || (t->of[c] && (c == CAUSE_UNKNOWN || cause_needs_all((enum cause)c)));
	}
	s->with_hidden += hidden;
	s->time = sum_of_times(s->time, end - begin);
	s->stalled = sum_of_times(s->stalled, tallies_stalled(t));
	tallies_merge(&s->tallies, t);
}

static void add_counts(struct service_counts *n, const struct service_counts *other)
{
	uint64_t *to = (uint64_t *)n;
	const uint64_t *from = (const uint64_t *)other;

	for (size_t i = 0; i < sizeof(*n) / sizeof(*to); i++)
		to[i] += from[i];
}
_Static_assert(sizeof(struct service_counts) % sizeof(uint64_t) == 0, "an array of counters");

void service_merge(struct service *s, const struct service *other)
{
	add_counts(&s->counts, &other->counts);
	durations_merge(&s->connects, &other->connects);
	durations_merge(&s->unanswered, &other->unanswered);
	durations_merge(&s->headers_only, &other->headers_only);
	durations_merge(&s->fin_waits, &other->fin_waits);
	durations_merge(&s->drops, &other->drops);
	hung_requests_merge(&s->hung, &other->hung);
	for (int c = 0; c < CAUSE_COUNT; c++)
		s->with[c] += other->with[c];
	s->with_hidden += other->with_hidden;
	s->time = sum_of_times(s->time, other->time);
	s->stalled = sum_of_times(s->stalled, other->stalled);
	tallies_merge(&s->tallies, &other->tallies);
}

static int by_loss(const void *a, const void *b)
{
	const struct service *x = *(const struct service *const *)a;
	const struct service *y = *(const struct service *const *)b;
	int64_t xl = tallies_lost(&x->tallies), yl = tallies_lost(&y->tallies);

	if (xl != yl)
		return xl > yl ? -1 : 1;
	return (x->counts.connections < y->counts.connections) -
	       (x->counts.connections > y->counts.connections);
}

const struct service **services_by_loss(const struct services *s)
{
	const struct service **order = xcalloc(s->n + 1, sizeof(struct service *));

	for (size_t i = 0; i < s->n; i++)
		order[i] = s->list[i];
	qsort(order, s->n, sizeof(struct service *), by_loss);
	return order;
}

void service_fini(struct service *s)
{
	tallies_fini(&s->tallies);
	durations_fini(&s->connects);
	durations_fini(&s->unanswered);
	durations_fini(&s->headers_only);
	durations_fini(&s->fin_waits);
	durations_fini(&s->drops);
	service_life_fini(&s->life);
	memset(s, 0, sizeof(*s));
}

void services_fini(struct services *s)
{
	for (size_t i = 0; i < s->n; i++) {
		service_fini(s->list[i]);
		free(s->list[i]);
	}
	free(s->list);
	free(s->buckets);
	memset(s, 0, sizeof(*s));
}
