/* tally.h - what one end of a workload counts: exchanges with their times, errors, sums; sent to
 * the runner as progress and as the result of workload.h. Knows no socket but the runner's. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_TALLY_H
#define WEDGE_SCENARIOS_WORKLOAD_TALLY_H

#include "proxy/base/err.h"

#include <jansson.h>
#include <stdbool.h>

#define TALLY_LISTED_MAX                                                                           \
	200000		    /* exchanges with their times in one result; more are only counted */
#define TALLY_ERRORS_MAX 32 /* different error texts */

/* How an exchange ended; all but OUTCOME_OK have failed. */
enum outcome {
	OUTCOME_OK,
	OUTCOME_TIMEOUT, /* the program's own patience */
	OUTCOME_RESET,	 /* the connection was reset */
	OUTCOME_EOF,	 /* the connection ended in good order, but too early */
	OUTCOME_CONNECT, /* the connection was never made */
	OUTCOME_CORRUPT, /* the body was whole, and not the one announced */
	OUTCOME_OTHER,	 /* another error, or an answer that means failure */
	OUTCOME_COUNT
};

struct tally_exchange {
	int64_t start, first, last,
	    end; /* nanoseconds of CLOCK_MONOTONIC; first and last byte are 0 when nothing came */
	bool ok;
	uint64_t bytes;
	enum outcome outcome;	 /* set by tally_add and tally_fail */
	uint64_t retry;		 /* how often the same request had failed before */
	uint64_t records, asked; /* of a list: records that came, records that the request named */
	int64_t ringing, answered; /* of a call: when the caller knew that; 0: never */
	uint64_t beeps;		   /* of a call that rang: those heard until then */
};

/* Zero-initialise but for msg_fd. */
struct tally {
	int msg_fd;
	uint64_t completed, failed, connections, bytes_in, bytes_out;
	uint64_t outcomes[OUTCOME_COUNT];
	int64_t next_progress;
	struct tally_exchange *listed;
	size_t nlisted, room;
	int64_t begun, ended; /* of the first and the last exchange */
	char *errors[TALLY_ERRORS_MAX];
	size_t nerrors;
};

/* Returns the member of a result that counts those failures, "failed_timeout"; not of OUTCOME_OK.
 */
const char *tally_outcome_name(enum outcome outcome);

void tally_add(struct tally *t, const struct tally_exchange *x);

/* Adds the exchange as failed, whatever x->ok is, with the reason. */
void tally_fail(struct tally *t, const struct tally_exchange *x, enum outcome outcome,
		const char *text);

/* Adds an error that belongs to no exchange; a known one isn't repeated. */
void tally_error(struct tally *t, const char *text);

/* Sends the runner the number of exchanges, at most 5 times a second. -1: the runner is gone. */
int tally_progress(struct tally *t, int64_t now) WG_MUSTUSE;

/* Returns the result as a new object; members of more (stolen; may be NULL) are added. tally_send
 * sends it. */
json_t *tally_result(const struct tally *t, json_t *more);
int tally_send(const struct tally *t, json_t *more) WG_MUSTUSE;

void tally_fini(struct tally *t);

#endif
