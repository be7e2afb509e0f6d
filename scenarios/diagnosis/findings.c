/* findings.c - the table of kinds, and a short list that is searched. */
#include "scenarios/diagnosis/findings.h"

#include "proxy/base/mem.h"

#include <string.h>

static const struct finding_row rows[FINDING_COUNT] = {
    [FINDING_BLACKHOLE] = {"blackhole", "R1", "SYN never answered", "between the SYNs", NULL},
    [FINDING_REFUSED] = {"refused", "R2", "refused", "between the client's tries", NULL},
    [FINDING_DROPPED] = {"dropped-after-connect", "R3",
			 "ended by the server right after connecting, without a byte of answer",
			 "after the SYN", NULL},
    [FINDING_TRUNCATED] = {"truncated", "R10", "ended by the server in the middle of a response",
			   NULL, NULL},
    [FINDING_NO_CLOSE_NOTIFY] = {"no-close-notify", "R10",
				 "ended by the server without TLS's close_notify: nobody can tell "
				 "whether the response was whole",
				 NULL, NULL},
    [FINDING_STALE] = {"stale", "R16", "no use any more after having been idle", "idle before",
		       NULL},
    [FINDING_POOL_RESET] = {"pool-reset", "R18", "reset together", "from the first RST to the last",
			    "connections"},
    [FINDING_CONNECTION_LIMIT] = {"connection-limit", "R8",
				  "are the limit, new ones fail beyond it", NULL,
				  "connections at once"},
    [FINDING_RATE_LOSS] =
	{"rate-loss", "R19",
	 "lost again and again when they come faster than 100 Mbit/s, and seldom else", NULL,
	 "segments"},
};

const struct finding_row *finding_row(enum finding_kind k)
{
	return &rows[k];
}

static bool same_label(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static struct finding *find_finding(struct findings *f, const struct found *x,
				    const struct addr *server)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct found *y = &f->list[i].first;

		if (y->kind == x->kind && same_label(y->label, x->label) &&
		    y->server.sa.sa_family == server->sa.sa_family &&
		    (server->sa.sa_family == AF_UNSPEC || addr_equal(&y->server, server)))
			return &f->list[i];
	}
	return NULL;
}

static struct finding *append_finding(struct findings *f, const struct found *x)
{
	struct finding *new;

	if (f->n == f->room) {
		f->room = f->room ? f->room * 2 : 8;
		f->list = xrealloc(f->list, f->room, sizeof(*f->list));
	}
	new = &f->list[f->n++];
	*new = (struct finding){.first = *x};
	return new;
}

static void keep_case(struct findings *f, const struct found *x)
{
	if (!f->keeps_cases || f->ncases == CASES_MAX)
		return;
	if (f->ncases == f->room_for_cases) {
		f->room_for_cases = f->room_for_cases ? f->room_for_cases * 2 : 16;
		f->cases = xrealloc(f->cases, f->room_for_cases, sizeof(*f->cases));
	}
	f->cases[f->ncases++] = *x;
}

struct finding *findings_add(struct findings *f, const struct found *x)
{
	struct found anywhere = *x;
	struct finding *known = find_finding(f, x, &x->server);

	anywhere.server = (struct addr){.len = 0}; /* AF_UNSPEC */
	if (!known && f->n >= FINDINGS_MAX)
		known = find_finding(f, x, &anywhere.server);
	if (!known)
		known = append_finding(f, f->n < FINDINGS_MAX ? x : &anywhere);
	known->count++;
	if (x->value)
		durations_add(&known->values, x->value);
	keep_case(f, x);
	return known;
}

void finding_add_waits(struct finding *x, const struct tallies *t)
{
	for (int c = 0; c < CAUSE_COUNT; c++)
		if (t->of[c])
			x->waited[c] = sum_of_times(x->waited[c], t->of[c]->lengths.total);
}

/* Returns the limit that the server's connections met, or x itself. */
static const struct finding *deeper_finding(const struct findings *f, const struct finding *x)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->list[i].first.kind == FINDING_CONNECTION_LIMIT &&
		    addr_equal(&f->list[i].first.server, &x->first.server))
			return &f->list[i];
	return x;
}

const struct finding *findings_explain(const struct findings *f, enum cause c, int64_t total)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *x = &f->list[i];
		enum finding_kind k = x->first.kind;

		if ((k == FINDING_DROPPED || k == FINDING_STALE) && x->waited[c] > total / 2)
			return deeper_finding(f, x);
	}
	return NULL;
}

void findings_remove(struct findings *f, bool (*is_out)(const struct found *first))
{
	size_t kept = 0;

	for (size_t i = 0; i < f->n; i++) {
		if (is_out(&f->list[i].first))
			durations_fini(&f->list[i].values);
		else
			f->list[kept++] = f->list[i];
	}
	f->n = kept;
	kept = 0;
	for (size_t i = 0; i < f->ncases; i++)
		if (!is_out(&f->cases[i]))
			f->cases[kept++] = f->cases[i];
	f->ncases = kept;
}

void findings_fini(struct findings *f)
{
	for (size_t i = 0; i < f->n; i++)
		durations_fini(&f->list[i].values);
	free(f->list);
	free(f->cases);
	*f = (struct findings){NULL};
}
