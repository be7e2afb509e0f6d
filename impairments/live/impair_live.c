/* impair_live.c - numbers the random sequences so that no decision shares one with a stage. */
#include "impairments/live/impair_live.h"

/* The stages' own sequences have 32-bit numbers; those of the decisions lie above. */
#define DECISION_STAGES (UINT64_C(1) << 40)
#define DELAY_STAGES	(UINT64_C(1) << 41)

/* An instance decides on a session as a whole, and on the messages of either direction. */
enum { DECIDES_SESSIONS, DECIDES_MESSAGES, DECIDES = DECIDES_MESSAGES + DIR_COUNT };

static struct rng make_rng(const struct impair_live *live, unsigned what, uint64_t draw)
{
	uint64_t stage = DECISION_STAGES + (uint64_t)live->inst->index * DECIDES + what;

	return rng_make(live->env->seed, stage, draw);
}

struct rng impair_live_rng(const struct impair_live *live, uint64_t draw)
{
	return make_rng(live, DECIDES_SESSIONS, draw);
}

struct rng impair_live_message_rng(const struct impair_live *live, enum dir dir, uint64_t draw)
{
	return make_rng(live, DECIDES_MESSAGES + (unsigned)dir, draw);
}

struct rng impair_live_delay_rng(const struct impair_live *live, uint64_t draw)
{
	return rng_make(live->env->seed, DELAY_STAGES + live->inst->index, draw);
}

void impair_live_place_rng(const struct impair_live *live, uint64_t draw, struct rng *rng)
{
	rng->seed = live->env->seed;
	rng->session = draw;
}

bool impair_live_chosen(const struct impair_live *live, uint64_t draw)
{
	struct rng rng = impair_live_rng(live, draw);

	return live->trigger.window.by_message || rng_chance(&rng, live->trigger.probability);
}
