/* session_record.c - records in a hash table of their numbers that doubles when it is full, and in
 * a list in the order of coming. */
#include "impairments/live/session_record.h"

#include "proxy/base/mem.h"

#include <string.h>

#define BUCKETS_FIRST 64

void session_records_init(struct session_records *records)
{
	*records = (struct session_records){0};
	TAILQ_INIT(&records->list);
}

void session_records_fini(struct session_records *records)
{
	BUG_ON(!TAILQ_EMPTY(&records->list));
	free(records->bucket);
}

static struct session_record_bucket *bucket_of(struct session_records *records, uint64_t number)
{
	return &records->bucket[number & (records->nbuckets - 1)];
}

static void grow(struct session_records *records)
{
	struct session_record *v;

	free(records->bucket);
	records->nbuckets = records->nbuckets ? 2 * records->nbuckets : BUCKETS_FIRST;
	records->bucket = xcalloc(records->nbuckets, sizeof(*records->bucket));
	TAILQ_FOREACH (v, &records->list, entry)
		LIST_INSERT_HEAD(bucket_of(records, v->number), v, by_number);
}

struct session_record *session_records_get(struct session_records *records, uint64_t number)
{
	struct session_record *v;

	if (records->n >= records->nbuckets)
		grow(records);
	LIST_FOREACH (v, bucket_of(records, number), by_number)
		if (v->number == number)
			return v;
	v = xcalloc(1, sizeof(*v));
	v->records = records;
	v->number = number;
	v->ordinal = ++records->sessions;
	TAILQ_INIT(&v->attachments);
	TAILQ_INSERT_TAIL(&records->list, v, entry);
	LIST_INSERT_HEAD(bucket_of(records, number), v, by_number);
	records->n++;
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
	struct session_records *records = v->records;

	TAILQ_REMOVE(&records->list, v, entry);
	LIST_REMOVE(v, by_number);
	records->n--;
	sni_fini(&v->sni);
	free(v->admitted);
	free(v);
}

void session_record_detach(struct attachment *pl)
{
	struct session_record *v = pl->record;

	BUG_ON(!TAILQ_EMPTY(&pl->gates));
	TAILQ_REMOVE(&v->attachments, pl, entry);
	free(pl);
	if (TAILQ_EMPTY(&v->attachments))
		session_record_free(v);
}

void session_records_forget(struct session_records *records, const struct impair_live *live)
{
	struct session_record *v;

	TAILQ_FOREACH (v, &records->list, entry) {
		size_t n = 0;

		for (size_t i = 0; i < v->nadmitted; i++)
			if (v->admitted[i] != live)
				v->admitted[n++] = v->admitted[i];
		v->nadmitted = n;
	}
}

void session_record_admit(struct session_record *v, struct impair_live *live)
{
	v->admitted = xrealloc(v->admitted, v->nadmitted + 1, sizeof(struct impair_live *));
	v->admitted[v->nadmitted++] = live;
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
