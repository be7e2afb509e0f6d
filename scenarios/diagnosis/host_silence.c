/* host_silence.c - each silence is judged a little after its end, when the host's other connections
 * have had the time to speak again. Every one of them is a witness for it, against it, or knows
 * nothing. */
#include "scenarios/diagnosis/host_silence.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#include <search.h>
#include <string.h>

#define SILENCE_MIN    (20 * NS_PER_MS) /* docs/rules.md, R14 */
#define ONSET_SPREAD   (5 * NS_PER_MS)
#define END_SPREAD     (5 * NS_PER_MS)
#define JUDGED_AFTER   (10 * NS_PER_MS)
#define TOGETHER_LEAST 0.8
#define WITNESSES_MIN  2   /* beside itself: two that were asked together are no host */
#define WITNESSES_MAX  256 /* those that spoke last tell enough of more */
#define ACK_TIMER_MIN  (38 * NS_PER_MS) /* Linux: 40 ms, and a tick */
#define ACK_TIMER_MAX  (50 * NS_PER_MS)
#define SPREAD_TIMES   2
#define HOSTS_MAX      65536

struct silent_host {
	struct addr addr;	       /* port 0 */
	TAILQ_HEAD(, host_side) sides; /* whoever spoke last first */
};

static int compare_hosts(const void *a, const void *b)
{
	const struct addr *x = a, *y = b;

	if (x->sa.sa_family != y->sa.sa_family)
		return x->sa.sa_family < y->sa.sa_family ? -1 : 1;
	return x->sa.sa_family == AF_INET ? memcmp(&x->in.sin_addr, &y->in.sin_addr, 4)
					  : memcmp(&x->in6.sin6_addr, &y->in6.sin6_addr, 16);
}
_Static_assert(offsetof(struct silent_host, addr) == 0, "the tree compares the address in front");

static struct silent_host *find_host(struct host_silences *h, const struct addr *a)
{
	void *known = tfind(a, &h->hosts, compare_hosts);
	struct silent_host *new;

	if (known)
		return *(struct silent_host **)known;
	if (h->nhosts == HOSTS_MAX)
		return NULL;
	new = xcalloc(1, sizeof(*new));
	new->addr = *a;
	TAILQ_INIT(&new->sides);
	BUG_ON(!tsearch(new, &h->hosts, compare_hosts));
	h->nhosts++;
	return new;
}

static bool begin_together(const struct host_silence *s, const struct host_silence *t)
{
	return t->last <= s->since + ONSET_SPREAD && s->last <= t->since + ONSET_SPREAD &&
	       t->to > s->since && s->to > t->since;
}

static bool end_together(const struct host_silence *s, const struct host_silence *t)
{
	return t->to - s->to < END_SPREAD && s->to - t->to < END_SPREAD;
}

/* Returns 1 for a witness for the silence, -1 for one against it, 0 for one that knows nothing. */
static int ask_witness(const struct host_side *w, const struct host_silence *s)
{
	int64_t from = s->since + ONSET_SPREAD, to = s->to - ONSET_SPREAD;

	if (w->silence.to && begin_together(s, &w->silence) && end_together(s, &w->silence))
		return 1;
	if (w->begun > to || (w->silence.last <= from && w->silence.to >= to))
		return 0;
	return -1;
}

/* The earliest and latest of some times. */
struct spread {
	int64_t low, high;
};

static void spread_take(struct spread *x, int64_t at)
{
	if (!x->high || at < x->low)
		x->low = at;
	if (at > x->high)
		x->high = at;
}

/* What the witnesses say together. */
struct verdict {
	unsigned with, asked;
	uint64_t quick, slow;
	struct spread since, to;
};

static void hear_witness(struct verdict *v, const struct host_side *w, const struct host_silence *s)
{
	v->with++;
	v->quick += w->quick;
	v->slow += w->slow;
	spread_take(&v->since, s->since);
	spread_take(&v->to, s->to);
}

/* Whose answers mostly take as long thinks, and may well be asked by all at once: then what was
 * asked sooner is answered sooner. A host that stands still answers all at its end. */
static bool is_no_thinking(const struct verdict *v)
{
	return v->quick >= v->slow &&
	       v->since.high - v->since.low >= SPREAD_TIMES * (v->to.high - v->to.low);
}

static bool is_shared(const struct host_side *self, const struct host_silence *s)
{
	const struct host_side *w;
	struct verdict v = {0};
	unsigned seen = 0;

	hear_witness(&v, self, s);
	TAILQ_FOREACH (w, &self->host->sides, link) {
		int says;

		if (w->last <= s->since || seen++ == WITNESSES_MAX)
			break;
		if (w == self)
			continue;
		says = ask_witness(w, s);
		v.asked += says != 0;
		if (says > 0)
			hear_witness(&v, w, &w->silence);
	}
	v.with--; /* itself */
	return v.with >= WITNESSES_MIN && v.with >= TOGETHER_LEAST * v.asked && is_no_thinking(&v);
}

static void judge_first(struct host_silences *h)
{
	struct pending_silence *p = &h->pending[h->first];

	if (p->side && is_shared(p->side, &p->silence))
		h->found(p->side->owner, p->side->dir, &p->silence);
	h->first++;
	if (--h->n == 0)
		h->first = 0;
}

static void judge_until(struct host_silences *h, int64_t now)
{
	while (h->n && h->pending[h->first].silence.to + JUDGED_AFTER < now)
		judge_first(h);
}

static void append_pending(struct host_silences *h, struct host_side *side)
{
	if (h->first + h->n == h->room && h->first > h->room / 2) {
		memmove(h->pending, h->pending + h->first, h->n * sizeof(*h->pending));
		h->first = 0;
	}
	if (h->first + h->n == h->room) {
		h->room = h->room ? h->room * 2 : 64;
		h->pending = xrealloc(h->pending, h->room, sizeof(*h->pending));
	}
	h->pending[h->first + h->n++] = (struct pending_silence){side, side->silence};
}

static void join_host(struct host_silences *h, struct host_side *side, const struct connection *c,
		      const struct segment *s, void *owner)
{
	struct addr a = s->dir == DIR_UPSTREAM ? c->wire.client : c->wire.server;

	addr_set_port(&a, 0);
	side->host = find_host(h, &a);
	side->owner = owner;
	side->dir = s->dir;
	side->begun = s->at;
	if (side->host)
		TAILQ_INSERT_HEAD(&side->host->sides, side, link);
}

/* Returns whether the silence is one of TCP's own timers: a delayed ACK, or a retransmission of
 * what nobody has acknowledged. Those of connections that are in step end together, too. */
static bool is_own_timer(const struct half *x, const struct segment *s, int64_t length)
{
	if (!x->asked_at)
		return x->una_known && x->una < x->seq.next;
	return tcp_is_pure_ack(s->v) && length >= ACK_TIMER_MIN && length < ACK_TIMER_MAX;
}

/* Counts data that answers data: acknowledgements are the kernel's, and quick at any time. */
static void count_answer(struct host_side *side, struct host_side *other, const struct segment *s)
{
	if (!s->v->payload_len)
		return;
	if (side->question && s->at - side->question < SILENCE_MIN)
		side->quick++;
	else if (side->question)
		side->slow++;
	side->question = 0;
	if (!other->question)
		other->question = s->at;
}

void host_silence_take_segment(struct host_silences *h, struct host_side sides[DIR_COUNT],
			       const struct connection *c, const struct segment *s, void *owner)
{
	struct host_side *side = &sides[s->dir];
	const struct half *x = &c->half[s->dir];
	int64_t since = x->asked_at ? x->asked_at : x->sent_last;

	judge_until(h, s->at);
	if (!side->host)
		join_host(h, side, c, s, owner);
	if (!side->host)
		return;
	count_answer(side, &sides[dir_reverse(s->dir)], s);
	side->last = s->at;
	if (side != TAILQ_FIRST(&side->host->sides)) {
		TAILQ_REMOVE(&side->host->sides, side, link);
		TAILQ_INSERT_HEAD(&side->host->sides, side, link);
	}
	if (!x->sent_last || s->at - since < SILENCE_MIN || is_own_timer(x, s, s->at - since))
		return;
	side->silence = (struct host_silence){x->sent_last, since, s->at};
	append_pending(h, side);
}

void host_silence_forget(struct host_silences *h, struct host_side *side)
{
	if (!side->host)
		return;
	TAILQ_REMOVE(&side->host->sides, side, link);
	for (size_t i = 0; i < h->n; i++)
		if (h->pending[h->first + i].side == side)
			h->pending[h->first + i].side = NULL;
}

void host_silences_finish(struct host_silences *h)
{
	while (h->n)
		judge_first(h);
}

void host_silences_fini(struct host_silences *h)
{
	tdestroy(h->hosts, free);
	free(h->pending);
	memset(h, 0, sizeof(*h));
}
