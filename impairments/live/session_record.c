/* session_record.c - records are in a hash table by number, which doubles when it is full, and in a
 * list in the order of their coming. */
#include "impairments/live/session_record.h"

#include "impairments/live/set_share.h"
#include "proxy/base/mem.h"

#include <string.h>

#define BUCKETS_FIRST 64

void session_records_init(struct session_records *records, struct set_share *share)
{
	*records = (struct session_records){.share = share};
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

static void grow_buckets(struct session_records *records)
{
	struct session_record *rec;

	free(records->bucket);
	records->nbuckets = records->nbuckets ? 2 * records->nbuckets : BUCKETS_FIRST;
	records->bucket = xcalloc(records->nbuckets, sizeof(*records->bucket));
	TAILQ_FOREACH (rec, &records->list, entry)
		LIST_INSERT_HEAD(bucket_of(records, rec->number), rec, by_number);
}

struct session_record *session_records_get(struct session_records *records, uint64_t number,
					   const struct draw_identity *draw,
					   const struct addr *client)
{
	struct session_record *rec;

	if (records->n >= records->nbuckets)
		grow_buckets(records);
	LIST_FOREACH (rec, bucket_of(records, number), by_number)
		if (rec->number == number)
			return rec;
	rec = xcalloc(1, sizeof(*rec));
	rec->records = records;
	rec->number = number;
	rec->elsewhere = set_share_take_draw(records->share, number, &rec->draw);
	if (!rec->elsewhere)
		rec->draw = set_share_draw(records->share, draw, client);
	TAILQ_INIT(&rec->attachments);
	TAILQ_INSERT_TAIL(&records->list, rec, entry);
	LIST_INSERT_HEAD(bucket_of(records, number), rec, by_number);
	records->n++;
	return rec;
}

struct attachment *session_record_attach(struct session_record *rec,
					 const struct impair_proxy *proxy, struct session *session,
					 struct pkt_conn *conn)
{
	struct attachment *att = xcalloc(1, sizeof(*att));

	att->proxy = proxy;
	att->record = rec;
	att->session = session;
	att->conn = conn;
	att->born = conn ? conn->born : session->began;
	TAILQ_INIT(&att->gates);
	TAILQ_INSERT_TAIL(&rec->attachments, att, entry);
	return att;
}

static void session_record_free(struct session_record *rec)
{
	struct session_records *records = rec->records;

	TAILQ_REMOVE(&records->list, rec, entry);
	LIST_REMOVE(rec, by_number);
	records->n--;
	sni_fini(&rec->sni);
	free(rec->http1);
	free(rec->admitted);
	free(rec->ordinals);
	free(rec->acted);
	free(rec);
}

void session_record_detach(struct attachment *att)
{
	struct session_record *rec = att->record;

	BUG_ON(!TAILQ_EMPTY(&att->gates));
	TAILQ_REMOVE(&rec->attachments, att, entry);
	free(att);
	if (TAILQ_EMPTY(&rec->attachments))
		session_record_free(rec);
}

static size_t forget_live(struct impair_live **list, size_t n, const struct impair_live *live)
{
	size_t left = 0;

	for (size_t i = 0; i < n; i++)
		if (list[i] != live)
			list[left++] = list[i];
	return left;
}

static void forget_instance(struct session_record *rec, const struct impair_live *live)
{
	size_t n = 0;

	rec->nadmitted = forget_live(rec->admitted, rec->nadmitted, live);
	rec->nacted = forget_live(rec->acted, rec->nacted, live);
	for (size_t i = 0; i < rec->nordinals; i++)
		if (rec->ordinals[i].live != live)
			rec->ordinals[n++] = rec->ordinals[i];
	rec->nordinals = n;
}

void session_records_forget(struct session_records *records, const struct impair_live *live)
{
	struct session_record *rec;

	TAILQ_FOREACH (rec, &records->list, entry)
		forget_instance(rec, live);
}

void session_records_hand_over(struct session_records *records)
{
	const struct session_record *rec;

	TAILQ_FOREACH (rec, &records->list, entry)
		set_share_leave_draw(records->share, rec->number, rec->draw);
}

static const struct session_ordinal *find_ordinal(const struct session_record *rec,
						  const struct impair_live *live)
{
	for (size_t i = 0; i < rec->nordinals; i++)
		if (rec->ordinals[i].live == live)
			return &rec->ordinals[i];
	return NULL;
}

void session_record_count(struct session_record *rec, struct impair_live *live, bool before)
{
	if (find_ordinal(rec, live))
		return;
	rec->ordinals = xrealloc(rec->ordinals, rec->nordinals + 1, sizeof(*rec->ordinals));
	rec->ordinals[rec->nordinals++] =
	    (struct session_ordinal){live, before ? 0 : ++live->sessions};
}

void session_record_acted(struct session_record *rec, struct impair_live *live)
{
	for (size_t i = 0; i < rec->nacted; i++)
		if (rec->acted[i] == live)
			return;
	rec->acted = xrealloc(rec->acted, rec->nacted + 1, sizeof(struct impair_live *));
	rec->acted[rec->nacted++] = live;
	live->tally.acted++;
}

void session_record_admit(struct session_record *rec, struct impair_live *live)
{
	rec->admitted = xrealloc(rec->admitted, rec->nadmitted + 1, sizeof(struct impair_live *));
	rec->admitted[rec->nadmitted++] = live;
}

struct facts session_record_facts(const struct session_record *rec, const struct impair_live *live)
{
	const struct session_ordinal *place = find_ordinal(rec, live);

	return (struct facts){
	    .client = rec->client,
	    .server = rec->server,
	    .port = rec->port,
	    .sni = rec->sni_unknown ? SNI_NONE : rec->sni.state,
	    .name = rec->sni.name ? rec->sni.name : "",
	    .ordinal = place ? place->ordinal : 0,
	};
}
