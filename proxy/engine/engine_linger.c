/* engine_linger.c - new clients come to the listener that is left, and this one accepts the rest.
 */
#include "proxy/engine/engine_linger.h"

#include "proxy/base/loop.h"
#include "proxy/base/mem.h"

#define LINGER (4 * NS_PER_S)

struct lingering {
	struct engine_proxy *proxy;
	struct listener *listener;
	struct timer timer;
	TAILQ_ENTRY(lingering) entry;
};

static void end_lingering(struct lingering *l, bool accepting)
{
	struct engine *en = l->proxy->engine;

	TAILQ_REMOVE(&en->lingering, l, entry);
	timer_cancel(loop_timers(en->loop), &l->timer);
	if (accepting)
		listener_stop(l->listener);
	listener_free(l->listener);
	free(l);
}

static void timer_cb(void *arg, int64_t now)
{
	(void)now;
	end_lingering(arg, true);
}

void engine_linger(struct engine_proxy *p)
{
	struct engine *en = p->engine;
	struct lingering *l = xcalloc(1, sizeof(*l));

	l->proxy = p;
	l->listener = p->listener;
	p->listener = NULL;
	listener_prefer_first(l->listener);
	l->timer.fn = timer_cb;
	l->timer.arg = l;
	TAILQ_INSERT_TAIL(&en->lingering, l, entry);
	timer_arm(loop_timers(en->loop), &l->timer, clock_now(en->env.clock) + LINGER);
}

static bool has_moved(const struct lingering *l)
{
	return l->proxy->gone || !addr_equal(listener_addr(l->listener), &l->proxy->config.listen);
}

static void end_some(struct engine *en, bool moved, bool accepting)
{
	struct lingering *l, *next;

	for (l = TAILQ_FIRST(&en->lingering); l; l = next) {
		next = TAILQ_NEXT(l, entry);
		if (!moved || has_moved(l))
			end_lingering(l, accepting);
	}
}

void engine_linger_end_moved(struct engine *en)
{
	end_some(en, true, true);
}

void engine_linger_end(struct engine *en, bool accepting)
{
	end_some(en, false, accepting);
}
