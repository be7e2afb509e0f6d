/* balance.h - which of several servers a new connection of a client goes to: one after the other,
 * or one after the other of those that the last health check found well. The checks go over
 * connections of their own. Private to the clients that balance. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_BALANCE_H
#define WEDGE_SCENARIOS_WORKLOAD_BALANCE_H

#include "scenarios/workload/http.h"
#include "scenarios/workload/stun.h"

#include <poll.h>

enum balance_how {
	BALANCE_FIRST,
	BALANCE_ROUND_ROBIN,
	BALANCE_CONNECT_PROBE,
	BALANCE_REQUEST_PROBE
};
enum balance_asks { BALANCE_HTTP, BALANCE_TURN }; /* the protocol of a check's request */

extern const char *const balance_names[]; /* of enum balance_how; NULL-terminated */

/* A server, and the check of it that is under way. */
struct target {
	const struct addr *address;
	bool down;	/* the last check that has ended failed; before the first one it is well */
	int fd;		/* of the check; -1: none is under way */
	bool connected; /* and its request sent */
	int64_t due;	/* of the next check, or when the one under way has failed */
	struct http_parser http;  /* of its answer, by HTTP */
	uint8_t answer[STUN_MAX]; /* by TURN; nanswer bytes */
	size_t nanswer;
};

struct balance {
	int how;  /* enum balance_how */
	int asks; /* enum balance_asks */
	int64_t every, timeout;
	struct target *targets;
	size_t n, next;
	char *request; /* of a check */
	size_t size;
	uint64_t probes, probes_ok; /* checks that have ended; those that found it well */
};

/* Begins; the first checks are due now. how, asks, every and timeout are set, and so are request
 * and size, which it takes over; the n addresses must outlive it. */
void balance_init(struct balance *b, const struct addr *addresses, size_t n, int64_t now);

/* Breaks off what is under way. */
void balance_free(struct balance *b);

/* Returns the server for a new connection. While all are down they are all tried. */
const struct addr *balance_pick(struct balance *b);

/* Fills one of fds for each server, and moves *due to the first that there is something to do. */
void balance_watch(const struct balance *b, struct pollfd *fds, int64_t *due);

/* Handles what was watched, and begins or gives up the checks that are due. */
void balance_turn(struct balance *b, const struct pollfd *fds, int64_t now);

#endif
