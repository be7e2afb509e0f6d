/* session_record.c - the sessions that a set knows, by number: one record for all that either plane sees of
 * a session. Decides nothing. */
#include "impairments/live/live.h"

#include "proxy/base/mem.h"

#include <string.h>

#define BUCKETS_FIRST 64

static struct visit_bucket *bucket_of(struct impair_run *run, uint64_t number)
{
	return &run->bucket[number & (run->nbuckets - 1)];
}

static void grow(struct impair_run *run)
{
	struct visit *v;

	free(run->bucket);
	run->nbuckets = run->nbuckets ? 2 * run->nbuckets : BUCKETS_FIRST;
	run->bucket = xcalloc(run->nbuckets, sizeof(*run->bucket));
	TAILQ_FOREACH (v, &run->visits, entry)
		LIST_INSERT_HEAD(bucket_of(run, v->number), v, by_number);
}

struct visit *visit_get(struct impair_run *run, uint64_t number)
{
	struct visit *v;

	if (run->nvisits >= run->nbuckets)
		grow(run);
	LIST_FOREACH (v, bucket_of(run, number), by_number)
		if (v->number == number)
			return v;
	v = xcalloc(1, sizeof(*v));
	v->run = run;
	v->number = number;
	v->ordinal = ++run->sessions;
	TAILQ_INIT(&v->places);
	TAILQ_INSERT_TAIL(&run->visits, v, entry);
	LIST_INSERT_HEAD(bucket_of(run, number), v, by_number);
	run->nvisits++;
	return v;
}

struct place *visit_add_place(struct visit *v, struct session *session, struct pkt_conn *conn)
{
	struct place *pl = xcalloc(1, sizeof(*pl));

	pl->visit = v;
	pl->session = session;
	pl->conn = conn;
	pl->born = conn ? conn->born : session->began;
	TAILQ_INIT(&pl->gates);
	TAILQ_INSERT_TAIL(&v->places, pl, entry);
	return pl;
}

static void visit_free(struct visit *v)
{
	struct impair_run *run = v->run;

	TAILQ_REMOVE(&run->visits, v, entry);
	LIST_REMOVE(v, by_number);
	run->nvisits--;
	sni_fini(&v->sni);
	free(v->passed);
	free(v);
}

void visit_remove_place(struct place *pl)
{
	struct visit *v = pl->visit;
	struct gate *g;

	while ((g = TAILQ_FIRST(&pl->gates)))
		gate_free(g);
	TAILQ_REMOVE(&v->places, pl, entry);
	free(pl);
	if (TAILQ_EMPTY(&v->places))
		visit_free(v);
}

void visit_forget(struct impair_run *run, const struct impair_live *live)
{
	struct visit *v;

	TAILQ_FOREACH (v, &run->visits, entry) {
		size_t n = 0;

		for (size_t i = 0; i < v->npassed; i++)
			if (v->passed[i] != live)
				v->passed[n++] = v->passed[i];
		v->npassed = n;
	}
}

void visit_learnt(struct visit *v)
{
	struct place *pl;
	struct gate *g;

	TAILQ_FOREACH (pl, &v->places, entry)
		TAILQ_FOREACH (g, &pl->gates, of_place)
			gate_match(g);
}

struct facts visit_facts(const struct visit *v, const struct impair_live *live)
{
	uint64_t before = live->sessions_before;

	return (struct facts){
	    .client = v->client,
	    .server = v->server,
	    .port = v->port,
	    .sni = v->hidden ? SNI_NONE : v->sni.state,
	    .name = v->sni.name,
	    .ordinal = v->ordinal > before ? v->ordinal - before : 0,
	};
}
