/* limit.h - R8: is there a number of connections at once beyond which new ones fail? */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_LIMIT_H
#define WEDGE_SCENARIOS_DIAGNOSIS_LIMIT_H

#include "scenarios/diagnosis/findings.h"

/* What became of the tries that met so many open connections. */
struct limit_tries {
	uint32_t good, bad;
	uint32_t good_again; /* of the good ones, begun after the first failure */
};

/* The connections with one key: of a service, or of one client to it. Zero-initialise to start;
 * limit_fini to end. */
struct limit {
	uint32_t open;		/* begun, and not ended */
	struct limit_tries *by; /* by the number that was open at the SYN */
	size_t room;
	int64_t first_bad, last_bad; /* ends of failures; 0: none */
	int64_t said_at;	     /* the server's last payload */
	bool goes_on; /* the server said something on another connection between failures */
	uint32_t connection, frames[FINDING_FRAMES]; /* of the first failure */
};

/* Returns how many are open, and counts one more. */
uint32_t limit_begin(struct limit *x);
void limit_end(struct limit *x);

/* The server said something. */
void limit_hear(struct limit *x, int64_t at);

/* A try that met `open` connections, begun at `at`, went well. */
void limit_succeed(struct limit *x, uint32_t open, int64_t at);

/* ... came to nothing, at its end. */
void limit_fail(struct limit *x, uint32_t open, int64_t at, uint32_t connection,
		const uint32_t frames[FINDING_FRAMES]);

/* Returns the limit that explains good and bad by the number of open connections; 0: none does.
 * *freed: places were freed, and taken. */
uint32_t limit_find(const struct limit *x, bool *freed);
void limit_fini(struct limit *x);

#endif
