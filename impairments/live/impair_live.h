/* impair_live.h - one instance at work: its trigger, its schedule, its state over all sessions, the
 * gates of its stages. What gates may know of it; run.h starts and ends it. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_IMPAIR_LIVE_H
#define WEDGE_IMPAIRMENTS_LIVE_IMPAIR_LIVE_H

#include "impairments/set/set_params.h"

#include <sys/queue.h>

struct gate;
TAILQ_HEAD(gate_list, gate);

/* Stays where it is while the set's list is rebuilt. */
struct impair_live {
	const struct env *env; /* of the run */
	struct impair_inst *inst;
	struct trigger trigger;
	void *shared; /* of type->shared_size; NULL: none */
	struct schedule schedule;
	int64_t schedule_began;
	uint64_t sessions_before; /* sessions of the proxy before it was there */
	struct gate_list gates;
};

/* The sequence of an instance's decisions on a session as a whole; session 0: of its schedule. */
struct rng impair_live_rng(const struct impair_live *live, uint64_t session);

/* The sequence of its decisions on the messages of one direction of a session. */
struct rng impair_live_message_rng(const struct impair_live *live, enum dir dir, uint64_t session);

/* Whether its probability chooses that session; always where it chooses messages. */
bool impair_live_chosen(const struct impair_live *live, uint64_t session);

#endif
