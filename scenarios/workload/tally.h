/* tally.h - what one end of a workload has seen: exchanges with their times, errors, sums; sent to
 * the runner as progress and as the result of workload.h. Knows no sockets but the runner's. */
#ifndef WEDGE_WORKLOAD_TALLY_H
#define WEDGE_WORKLOAD_TALLY_H

#include "proxy/base/err.h"

#include <jansson.h>
#include <stdbool.h>

#define TALLY_LISTED_MAX                                                                           \
	200000		    /* exchanges with their times in one result; more are only counted */
#define TALLY_ERRORS_MAX 32 /* different error texts */

struct tally_exchange {
	int64_t start, first,
	    end; /* nanoseconds of CLOCK_MONOTONIC; first is 0 when nothing came */
	bool ok;
	uint64_t bytes;
};

/* Zero-initialise but for msg_fd. */
struct tally {
	int msg_fd;
	uint64_t completed, failed, connections, bytes_in, bytes_out;
	int64_t next_progress;
	struct tally_exchange *listed;
	size_t nlisted, room;
	int64_t begun, ended; /* of the first and the last exchange */
	char *errors[TALLY_ERRORS_MAX];
	size_t nerrors;
};

void tally_add(struct tally *t, const struct tally_exchange *x);

/* As tally_add, not ok whatever x says, with the reason; a reason already known isn't repeated. */
void tally_fail(struct tally *t, const struct tally_exchange *x, const char *text);

/* Tells the runner the number of exchanges, at most 5 times a second. -1: the runner is gone. */
int tally_progress(struct tally *t, int64_t now) WG_MUSTUSE;

/* The result as a new object; members of more (stolen; may be NULL) are added. */
json_t *tally_result(const struct tally *t, json_t *more);
int tally_send(const struct tally *t, json_t *more) WG_MUSTUSE;

void tally_fini(struct tally *t);

#endif
