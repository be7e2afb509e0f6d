/* session_record.h - the sessions that a set knows, by number: one record for all that either plane
 * sees of a session. Keeps lists and facts; decides nothing and knows no gate. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_SESSION_RECORD_H
#define WEDGE_IMPAIRMENTS_LIVE_SESSION_RECORD_H

#include "impairments/live/impair_live.h"
#include "proxy/packet/conn_table.h"
#include "proxy/stream/session.h"

struct attachment;
struct session_record;
TAILQ_HEAD(attachment_list, attachment);
TAILQ_HEAD(session_record_list, session_record);
LIST_HEAD(session_record_bucket, session_record);

/* All records of one proxy. */
struct session_records {
	struct session_record_list list;
	struct session_record_bucket *bucket;
	size_t nbuckets, n;
	uint64_t sessions; /* of the proxy so far */
};

/* A session as the set knows it, on either plane; both legs of a terminated one are one. */
struct session_record {
	struct session_records *records;
	uint64_t number;  /* the engine's */
	uint64_t ordinal; /* among those of this proxy, from 1 */
	struct addr client, server;
	uint16_t port;
	struct sni sni;
	bool sni_tapped;  /* its upstream bytes are being read for the server name */
	bool sni_unknown; /* no server name will be known of it */
	struct attachment_list attachments;
	struct impair_live **admitted; /* whose accept has let it go on and wants to know its end */
	size_t nadmitted;
	LIST_ENTRY(session_record) by_number;
	TAILQ_ENTRY(session_record) entry;
};

/* Where stages of a session can be: the flows of a terminated one, or a connection of packets. */
struct attachment {
	struct session_record *record;
	struct session *session;
	struct pkt_conn *conn;
	int64_t born;
	struct gate_list gates;
	TAILQ_ENTRY(attachment) entry;
};

void session_records_init(struct session_records *records);
void session_records_fini(struct session_records *records); /* no record is left */

/* The session of that number; made when it isn't known. */
struct session_record *session_records_get(struct session_records *records, uint64_t number);

/* An instance that goes hears of no session's end any more. */
void session_records_forget(struct session_records *records, const struct impair_live *live);

/* One of session and conn. */
struct attachment *session_record_attach(struct session_record *v, struct session *session,
					 struct pkt_conn *conn);

/* The attachment's gates are gone. Its record goes with the last attachment. */
void session_record_detach(struct attachment *pl);

/* An instance that wants to know the session's end. */
void session_record_admit(struct session_record *v, struct impair_live *live);

/* What an instance may know of a session for its match. */
struct facts session_record_facts(const struct session_record *v, const struct impair_live *live);

#endif
