/* session_record.c - the sessions that a set knows, by number: one record for all that either plane
 * sees of a session. Decides nothing. */
#include "impairments/live/live.h"

#include "proxy/base/mem.h"

#include <string.h>

#define BUCKETS_FIRST 64

static struct session_record_bucket *bucket_of(struct impair_run *run, uint64_t number)
{
	return &run->bucket[number & (run->nbuckets - 1)];
}

static void grow(struct impair_run *run)
{
	struct session_record *v;

	free(run->bucket);
	run->nbuckets = run->nbuckets ? 2 * run->nbuckets : BUCKETS_FIRST;
	run->bucket = xcalloc(run->nbuckets, sizeof(*run->bucket));
	TAILQ_FOREACH (v, &run->records, entry)
		LIST_INSERT_HEAD(bucket_of(run, v->number), v, by_number);
}

struct session_record *session_record_get(struct impair_run *run, uint64_t number)
{
	struct session_record *v;

	if (run->nrecords >= run->nbuckets)
		grow(run);
	LIST_FOREACH (v, bucket_of(run, number), by_number)
		if (v->number == number)
			return v;
	v = xcalloc(1, sizeof(*v));
	v->run = run;
	v->number = number;
	v->ordinal = ++run->sessions;
	TAILQ_INIT(&v->attachments);
	TAILQ_INSERT_TAIL(&run->records, v, entry);
	LIST_INSERT_HEAD(bucket_of(run, number), v, by_number);
	run->nrecords++;
	return v;
}

struct attachment *session_record_attach(struct session_record *v, struct session *session,
					 struct pkt_conn *conn)
{
	struct attachment *pl = xcalloc(1, sizeof(*pl));

	pl->record = v;
	pl->session = session;
	pl->conn = conn;
	pl->born = conn ? conn->born : session->began;
	TAILQ_INIT(&pl->gates);
	TAILQ_INSERT_TAIL(&v->attachments, pl, entry);
	return pl;
}

static void session_record_free(struct session_record *v)
{
	struct impair_run *run = v->run;

	TAILQ_REMOVE(&run->records, v, entry);
	LIST_REMOVE(v, by_number);
	run->nrecords--;
	sni_fini(&v->sni);
	free(v->admitted);
	free(v);
}

void session_record_detach(struct attachment *pl)
{
	struct session_record *v = pl->record;
	struct gate *g;

	while ((g = TAILQ_FIRST(&pl->gates)))
		gate_free(g);
	TAILQ_REMOVE(&v->attachments, pl, entry);
	free(pl);
	if (TAILQ_EMPTY(&v->attachments))
		session_record_free(v);
}

void session_record_forget(struct impair_run *run, const struct impair_live *live)
{
	struct session_record *v;

	TAILQ_FOREACH (v, &run->records, entry) {
		size_t n = 0;

		for (size_t i = 0; i < v->nadmitted; i++)
			if (v->admitted[i] != live)
				v->admitted[n++] = v->admitted[i];
		v->nadmitted = n;
	}
}

void session_record_learnt(struct session_record *v)
{
	struct attachment *pl;
	struct gate *g;

	TAILQ_FOREACH (pl, &v->attachments, entry)
		TAILQ_FOREACH (g, &pl->gates, of_attachment)
			gate_match(g);
}

struct facts session_record_facts(const struct session_record *v, const struct impair_live *live)
{
	uint64_t before = live->sessions_before;

	return (struct facts){
	    .client = v->client,
	    .server = v->server,
	    .port = v->port,
	    .sni = v->sni_unknown ? SNI_NONE : v->sni.state,
	    .name = v->sni.name,
	    .ordinal = v->ordinal > before ? v->ordinal - before : 0,
	};
}
