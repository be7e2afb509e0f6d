/* closers.h - a client's connections that are being shut down, from the FIN sent to the FIN
 * that answers it. Knows no protocol. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_CLOSERS_H
#define WEDGE_SCENARIOS_WORKLOAD_CLOSERS_H

#include "scenarios/workload/tally.h"

#include <jansson.h>
#include <poll.h>

struct closer {
	int fd;
	int64_t since;
};

/* Zero-initialise but for patience, closing and began, which the caller owns. */
struct closers {
	int64_t patience; /* from the own FIN until a connection is given up */
	int64_t last;	  /* when all that are left end, without a word; 0: never */
	struct closer *v;
	size_t n, room;
	json_t *closing;   /* seconds from the own FIN to the server's FIN or RST */
	json_t *began;	   /* when the own FIN was sent, of the same, seconds of the clock */
	uint64_t timeouts; /* given up */
};

/* Sends FIN and waits for the server's; takes fd over. */
void closers_add(struct closers *c, int fd, int64_t now);

/* Fills one of fds for each, and moves *due to the first that will be given up. */
void closers_watch(const struct closers *c, struct pollfd *fds, int64_t *due);

/* Handles the first n, which were watched, and all that are due. Those given up become errors in t.
 */
void closers_turn(struct closers *c, const struct pollfd *fds, size_t n, int64_t now,
		  struct tally *t);

/* Closes those that are left. */
void closers_free(struct closers *c);

#endif
