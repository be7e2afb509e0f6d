/* session_record.h - the sessions that a set knows, by number: one record for all that both planes
 * see of a session. Holds lists and facts; decides nothing and knows no gate. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_SESSION_RECORD_H
#define WEDGE_IMPAIRMENTS_LIVE_SESSION_RECORD_H

#include "impairments/live/impair_live.h"
#include "impairments/set/set.h"
#include "proxy/packet/conn_table.h"
#include "proxy/stream/session.h"

struct attachment;
struct http1_tap;
struct session_record;
TAILQ_HEAD(attachment_list, attachment);
TAILQ_HEAD(session_record_list, session_record);
LIST_HEAD(session_record_bucket, session_record);

/* The records of the proxies that share a set. */
struct session_records {
	struct session_record_list list;
	struct session_record_bucket *bucket;
	size_t nbuckets, n;
	struct set_share *share;
};

/* The place of a session among those that an instance meets, from 1; 0: it was there before. */
struct session_ordinal {
	struct impair_live *live;
	uint64_t ordinal;
};

/* A session, with both legs of a terminated one; it goes with its last attachment. */
struct session_record {
	struct session_records *records;
	uint64_t number; /* the engine's */
	uint64_t draw;	 /* the one that its random decisions are made from */
	struct session_ordinal *ordinals;
	size_t nordinals;
	struct addr client, server; /* len 0: not known yet */
	uint16_t port;		    /* of the server; 0: not known yet */
	struct sni sni;
	struct http1_tap *http1; /* NULL: its requests aren't read */
	bool sni_tapped;	 /* its upstream bytes are read for the server name */
	bool elsewhere;		 /* another set has met it, and counts it */
	bool sni_unknown;	 /* its server name will never be known */
	struct attachment_list attachments;
	struct impair_live **admitted; /* instances that let it go on and are told of its end */
	size_t nadmitted;
	struct impair_live **acted; /* instances that have changed something of it */
	size_t nacted;
	LIST_ENTRY(session_record) by_number;
	TAILQ_ENTRY(session_record) entry;
};

/* A place where stages of a session can be: the flows of a terminated session, or one connection of
 * the packet plane. */
struct attachment {
	struct session_record *record;
	const struct impair_proxy *proxy; /* that the session came through */
	struct session *session;	  /* one of these two; the other is NULL */
	struct pkt_conn *conn;
	int64_t born; /* the beginning of the session or connection, on the clock */
	struct gate_list gates;
	TAILQ_ENTRY(attachment) entry;
};

void session_records_init(struct session_records *records, struct set_share *share);
void session_records_fini(struct session_records *records); /* no record may be left */

/* Returns the record of the session of that number; makes it when there is none, as one of that
 * client's through the proxy that draw describes. */
struct session_record *session_records_get(struct session_records *records, uint64_t number,
					   const struct draw_identity *draw,
					   const struct addr *client);

/* Counts the session, once, among those on which the instance has acted. */
void session_record_acted(struct session_record *rec, struct impair_live *live);

/* Leaves what is drawn for each session to the sharer that meets its packets (set_share.h). */
void session_records_hand_over(struct session_records *records);

/* Takes an instance that goes off every record's lists. */
void session_records_forget(struct session_records *records, const struct impair_live *live);

/* Adds an attachment for either a session or a connection; the other is NULL. */
struct attachment *session_record_attach(struct session_record *rec,
					 const struct impair_proxy *proxy, struct session *session,
					 struct pkt_conn *conn);

/* Counts the session among those that the instance meets, if it isn't yet; with before, as one that
 * was there before the instance came. */
void session_record_count(struct session_record *rec, struct impair_live *live, bool before);

/* Frees an attachment, whose gates the caller has freed, and the record with its last one. */
void session_record_detach(struct attachment *att);

/* Adds an instance to those that are told of the session's end. */
void session_record_admit(struct session_record *rec, struct impair_live *live);

/* Returns what is known of a session, as the instance counts the sessions. */
struct facts session_record_facts(const struct session_record *rec, const struct impair_live *live);

#endif
