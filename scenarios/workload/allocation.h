/* allocation.h - the client's side of a TURN allocation over TCP (RFC 8656 7): the request, and
 * what came back. Opens no socket. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_ALLOCATION_H
#define WEDGE_SCENARIOS_WORKLOAD_ALLOCATION_H

#include "proxy/base/rng.h"
#include "scenarios/workload/stun.h"
#include "scenarios/workload/talk.h"

#define RELAY_LIFETIME 600 /* seconds of an allocation that isn't refreshed (RFC 8656 3.2) */

struct allocation {
	uint8_t id[STUN_ID_SIZE]; /* of the request */
	struct addr relayed;	  /* len 0: none yet */
};

/* Sends the request on an open connection; the ID is drawn. */
void allocation_ask(struct allocation *a, struct talk *t, struct rng *r);

/* Reads what has come. 1: there is an allocation; 0: no answer yet; -1 with *e: it is refused, or
 * the answer is none. */
int allocation_read(struct allocation *a, struct talk *t, struct err *e) WG_MUSTUSE;

#endif
