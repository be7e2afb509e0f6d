/* hold_pool.c - counts bytes; those who wait are asked every 50 ms to look again, since what others
 * let go makes no event of theirs. */
#include "proxy/stream/flow/hold_pool.h"

#include "proxy/base/env.h"
#include "proxy/base/machine_memory.h"

#define LOOK_AGAIN (50 * NS_PER_MS)
#define SHARE	   4 /* of the machine's memory, one part */
#define MIB	   (1024.0 * 1024.0)

static void look_again(void *arg, int64_t now)
{
	struct hold_pool *p = arg;
	struct hold_share *s, *next;

	for (s = TAILQ_FIRST(&p->waiting); s; s = next) {
		next = TAILQ_NEXT(s, entry);
		s->again(s->arg);
	}
	if (!TAILQ_EMPTY(&p->waiting))
		timer_arm(p->env->timers, &p->timer, now + LOOK_AGAIN);
}

void hold_total_init(struct hold_total *t, size_t limit)
{
	*t = (struct hold_total){.limit = limit ? limit : machine_memory("") / SHARE};
}

void hold_pool_init(struct hold_pool *p, struct hold_total *total, const struct env *env)
{
	*p = (struct hold_pool){.total = total, .env = env};
	p->timer.fn = look_again;
	p->timer.arg = p;
	TAILQ_INIT(&p->waiting);
}

void hold_pool_fini(struct hold_pool *p)
{
	timer_cancel(p->env->timers, &p->timer);
}

void hold_pool_charge(struct hold_pool *p, struct hold_share *s, size_t bytes)
{
	atomic_fetch_add_explicit(&p->total->charged, bytes - s->charged, memory_order_relaxed);
	s->charged = bytes;
}

size_t hold_pool_allows(const struct hold_pool *p, const struct hold_share *s, size_t bytes)
{
	size_t charged = atomic_load_explicit(&p->total->charged, memory_order_relaxed);
	size_t all = charged - s->charged + bytes, limit = p->total->limit;
	size_t left = all < limit ? limit - all : 0;

	return left > HOLD_SHARE_MIN ? left : HOLD_SHARE_MIN;
}

bool hold_pool_wait(struct hold_pool *p, struct hold_share *s, bool waits)
{
	bool first = waits && !s->told;

	if (waits == s->waits)
		return false;
	s->waits = waits;
	if (!waits) {
		TAILQ_REMOVE(&p->waiting, s, entry);
		return false;
	}
	TAILQ_INSERT_TAIL(&p->waiting, s, entry);
	s->told = true;
	if (!timer_armed(&p->timer))
		timer_arm(p->env->timers, &p->timer, clock_now(p->env->clock) + LOOK_AGAIN);
	if (!atomic_exchange(&p->total->told, true))
		log_warn(p->env->log,
			 "%.0f of the %.0f MiB for bytes that are held are in use; sessions that "
			 "hold most are read later, which limits their rate (--hold-limit)",
			 (double)p->total->charged / MIB, (double)p->total->limit / MIB);
	return first;
}
