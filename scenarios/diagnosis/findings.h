/* findings.h - what is wrong with whole connections and groups of them, beside the times that they
 * stood still: refused, cut off, forgotten, limited. One row a kind, one finding a kind and server.
 */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_FINDINGS_H
#define WEDGE_SCENARIOS_DIAGNOSIS_FINDINGS_H

#include "proxy/base/addr.h"
#include "scenarios/diagnosis/tallies.h"

enum finding_kind {
	FINDING_BLACKHOLE,
	FINDING_REFUSED,
	FINDING_DROPPED,
	FINDING_TRUNCATED,
	FINDING_NO_CLOSE_NOTIFY,
	FINDING_STALE,
	FINDING_POOL_RESET,
	FINDING_CONNECTION_LIMIT,
	FINDING_RATE_LOSS,
	FINDING_COUNT,
};

struct finding_row {
	const char *key;    /* as in JSON */
	const char *rule;   /* of docs/rules.md */
	const char *words;  /* for a person, of one or more connections */
	const char *value;  /* what the times are; NULL: there are none */
	const char *number; /* what the number is; NULL: there is none */
};

const struct finding_row *finding_row(enum finding_kind k);

#define FINDING_FRAMES 3

/* One case of it, as it is found. */
struct found {
	enum finding_kind kind;
	struct addr server;
	const char *label;		 /* a string constant that says more; or NULL */
	uint32_t connection;		 /* its index: tshark's tcp.stream */
	int64_t value;			 /* nanoseconds; 0: none */
	uint64_t number;		 /* 0: none */
	uint32_t frames[FINDING_FRAMES]; /* that prove it, in order; unused ones are 0 */
};

struct finding {
	struct found
	    first;	/* its server has family AF_UNSPEC where they have no place of their own */
	uint64_t count; /* cases: connections, but for groups */
	uint64_t of;	/* the server's connections, of which they are; 0: not known, or a group */
	struct durations values;
	int64_t waited[CAUSE_COUNT]; /* ns, by its connections; 0 for groups */
};

/* Zero-initialise to start; findings_fini to end. Grows with servers, up to FINDINGS_MAX. */
#define FINDINGS_MAX 256
#define CASES_MAX    100000
struct findings {
	struct finding *list; /* in order of first case */
	size_t n, room;
	bool keeps_cases;
	struct found *cases; /* each of them, up to CASES_MAX; none where they aren't kept */
	size_t ncases, room_for_cases;
};

/* Adds a case to those of its kind, server and label, which it returns: valid until the next call.
 */
struct finding *findings_add(struct findings *f, const struct found *x);

/* Adds the waits of a connection that is a case of it. */
void finding_add_waits(struct finding *x, const struct tallies *t);

/* Returns the finding that says why its connections waited: most of the time that went to the cause
 * did in them. NULL: none does. */
const struct finding *findings_explain(const struct findings *f, enum cause c, int64_t total);

/* Takes out all whose first case it returns true for, and their cases. */
void findings_remove(struct findings *f, bool (*is_out)(const struct found *x));

void findings_fini(struct findings *f); /* leaves it empty */

#endif
