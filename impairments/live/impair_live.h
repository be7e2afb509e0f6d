/* impair_live.h - one instance at work: its trigger and schedule, its state across sessions, the
 * gates of its stages, its random decisions. Knows neither gates nor sessions; run.h starts it and
 * ends it. */
#ifndef WEDGE_IMPAIRMENTS_LIVE_IMPAIR_LIVE_H
#define WEDGE_IMPAIRMENTS_LIVE_IMPAIR_LIVE_H

#include "impairments/set/set_params.h"

#include <sys/queue.h>

struct gate;
TAILQ_HEAD(gate_list, gate);

/* Its address stays while the set's array is rebuilt, so gates may point to it. */
struct impair_live {
	const struct env *env; /* of the run */
	struct impair_inst *inst;
	struct trigger trigger;
	void *shared; /* of inst->type->shared_size bytes; NULL: none */
	struct schedule schedule;
	int64_t schedule_began; /* on the clock of env */
	uint64_t sessions;	/* that it has met since it came */
	struct gate_list gates;
	struct impair_tally tally; /* but its sessions, which the records count */
};

/* Returns the sequence of the instance's decisions on a session as a whole, by its record's draw;
 * with 0 that of its schedule. */
struct rng impair_live_rng(const struct impair_live *live, uint64_t draw);

/* Returns the sequence of its decisions on the messages of one direction of a session. */
struct rng impair_live_message_rng(const struct impair_live *live, enum dir dir, uint64_t draw);

/* Returns the sequence of the times that it draws for a session as a whole. */
struct rng impair_live_delay_rng(const struct impair_live *live, uint64_t draw);

/* Gives a stage's own sequence, which is numbered as its plane does, its place among the sessions
 * and proxies. */
void impair_live_place_rng(const struct impair_live *live, uint64_t draw, struct rng *rng);

/* Returns whether its probability chooses that session; true where it chooses among messages. */
bool impair_live_chosen(const struct impair_live *live, uint64_t draw);

#endif
