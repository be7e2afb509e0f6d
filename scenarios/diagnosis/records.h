/* records.h - where the records of a server's stream end, by their length fields: TLS, MySQL,
 * PostgreSQL. A stream that stops inside a record isn't whole, whatever is in it. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_RECORDS_H
#define WEDGE_SCENARIOS_DIAGNOSIS_RECORDS_H

#include "scenarios/analysis/segments.h"

enum record_kind {
	RECORDS_NOT_YET, /* nothing was seen */
	RECORDS_TLS,
	RECORDS_MYSQL,
	RECORDS_POSTGRES,
	RECORDS_LOST, /* another protocol, or its headers aren't all in the capture */
};

/* Returns whether the len bytes of a segment, of which the first captured are at bytes, begin with
 * a TLS record that is an alert, or may be one inside its encryption, or, where its header wasn't
 * captured, by its length: in an orderly session, close_notify. */
bool records_begin_alert(const uint8_t *bytes, size_t captured, size_t len);

/* Zero-initialise to start. */
struct records {
	enum record_kind kind;
	uint64_t next;	   /* where the next header begins, in unwrapped sequence numbers */
	uint8_t header[5]; /* its first bytes, */
	unsigned have;	   /* so many */
	bool protected;	   /* TLS: application data was seen */
	bool alert; /* TLS: the last record is an alert, or may be one inside its encryption */
};

/* Takes each segment of the stream, when its connection has it. */
void records_take_segment(struct records *r, const struct segment *s);

/* Returns "inside a TLS record" and the like when the stream, of which the bytes before `next` were
 * sent, stops in one; NULL: it doesn't, or nobody can tell. */
const char *records_broken(const struct records *r, uint64_t next);

/* Returns whether the stream of TLS up to `next` is whole, but not ended by an alert. */
bool records_end_unannounced(const struct records *r, uint64_t next);

#endif
