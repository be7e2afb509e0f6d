/* flow.c - one direction's order, accounts and back-pressure; the stages themselves are stage.c. */
#include "proxy/stream/flow/flow.h"

#include "proxy/stream/flow/stage.h"

#include <event2/buffer.h>
#include <jansson.h>

/* A turn's work in one flow: so many cuts, or so long from the first look at the clock on. A cut
 * costs from 0.2 us to 10 us, when it is journalled. */
#define TURN_CUTS  2048u
#define TURN_TIME  (NS_PER_MS / 2)
#define LOOK_EVERY 16u /* cuts from one look at the clock to the next */

static size_t flow_limit(const struct flow *f)
{
	size_t all;

	if (!f->env->holds)
		return f->hold_limit;
	all = hold_pool_allows(f->env->holds, &f->share, flow_load(f));
	return all < f->hold_limit ? all : f->hold_limit;
}

/* Charges the pool for what the flow holds, and tells of the first time that it allows less than
 * the flow may have. */
static void settle_share(struct flow *f, size_t limit, bool full)
{
	struct hold_pool *pool = f->env->holds;

	if (!pool)
		return;
	hold_pool_charge(pool, &f->share, flow_load(f));
	if (hold_pool_wait(pool, &f->share, full && limit < f->hold_limit))
		journal_event(f->env->journal, "hold_limited", "s:I, s:s, s:I, s:I, s:I", "session",
			      (json_int_t)f->session, "direction", dir_name(f->dir), "kept",
			      (json_int_t)flow_load(f), "all", (json_int_t)pool->total->charged,
			      "limit", (json_int_t)pool->total->limit);
}

/* Reading stops at the bound and goes on at half of it, so that it goes on in useful pieces. */
static void set_backpressure(struct flow *f)
{
	size_t load = flow_load(f), limit = flow_limit(f);

	if (load >= limit || f->undelivered >= FLOW_SEND_LIMIT)
		flow_pause(f, PAUSE_BACKPRESSURE);
	else if (load <= limit / 2 && f->undelivered <= FLOW_SEND_LIMIT / 2)
		flow_resume(f, PAUSE_BACKPRESSURE);
	settle_share(f, limit, f->pause & PAUSE_BACKPRESSURE && load > limit / 2);
}

/* While there is no more to be had, stages that wait for more are told. */
static void look_again(void *arg)
{
	struct flow *f = arg;

	set_backpressure(f);
	if (!f->share.waits)
		return;
	flow_enter(f);
	for (struct stage *st = f->first; st; st = st->next)
		if (st->active && st->ops->full)
			st->ops->full(st);
	flow_leave(f);
}

void flow_init(struct flow *f, const struct env *env, enum dir dir, uint64_t session,
	       const struct flow_host_ops *host, void *host_arg)
{
	*f = (struct flow){
	    .host = host,
	    .host_arg = host_arg,
	    .env = env,
	    .dir = dir,
	    .session = session,
	    .hold_limit = FLOW_HOLD_LIMIT,
	    .share = {.again = look_again, .arg = f},
	};
}

void flow_fini(struct flow *f)
{
	BUG_ON(f->depth);
	if (f->env->holds) {
		hold_pool_wait(f->env->holds, &f->share, false);
		hold_pool_charge(f->env->holds, &f->share, 0);
	}
	if (f->held)
		journal_event(f->env->journal, "discard", "s:I, s:s, s:I, s:s", "session",
			      (json_int_t)f->session, "direction", dir_name(f->dir), "bytes",
			      (json_int_t)f->held, "why", "the session ended while they were held");
	if (f->late)
		journal_event(f->env->journal, "eat", "s:I, s:s, s:I, s:s", "session",
			      (json_int_t)f->session, "direction", dir_name(f->dir), "bytes",
			      (json_int_t)f->late, "why", "they came after the flow was cut");
	while (f->first) {
		struct stage *st = f->first;

		f->first = st->next;
		stage_free(st);
	}
	f->last = NULL;
	flow_time_fini(&f->time);
}

void flow_enter(struct flow *f)
{
	if (f->depth++ == 0)
		f->cuts = 0;
}

bool flow_may_work(struct flow *f)
{
	if (!f->host->work)
		return true;
	if (f->cuts >= TURN_CUTS)
		return false;
	if (++f->cuts % LOOK_EVERY)
		return true;
	if (f->cuts == LOOK_EVERY)
		f->cuts_began = clock_now(f->env->clock);
	else if (clock_now(f->env->clock) - f->cuts_began >= TURN_TIME)
		f->cuts = TURN_CUTS;
	return f->cuts < TURN_CUTS;
}

void flow_wait(struct flow *f)
{
	flow_pause(f, PAUSE_WORK);
	f->host->work(f);
}

void flow_flush(struct flow *f)
{
	if (f->unflushed && f->host->flush) {
		f->unflushed = false;
		f->host->flush(f);
	}
}

/* What has come and gone in one call was never inside. */
static void note_load(struct flow *f)
{
	size_t load = flow_load(f);

	if (load > f->time.inside)
		flow_time_came(&f->time, load - f->time.inside, clock_now(f->env->clock));
	else
		flow_time_gone(&f->time, f->time.inside - load);
}

void flow_leave(struct flow *f)
{
	BUG_ON(!f->depth);
	if (f->depth == 1)
		flow_flush(f);
	if (--f->depth)
		return;
	if (f->env->timed)
		note_load(f);
	for (struct stage *st = f->first; st; st = st->next)
		stage_check(st);
	BUG_ON(f->in_bytes + f->added_bytes != f->out_bytes + f->eaten_bytes + f->held);
	set_backpressure(f);
}

void flow_push(struct flow *f, struct evbuffer *buf)
{
	BUG_ON(f->end_in != END_NONE);
	flow_enter(f);
	f->in_bytes += evbuffer_get_length(buf);
	stage_push(f, f->first, buf);
	flow_leave(f);
}

void flow_finish(struct flow *f, enum flow_end end)
{
	BUG_ON(f->end_in != END_NONE || end == END_NONE);
	flow_enter(f);
	f->end_in = end;
	stage_push_end(f, f->first, end);
	flow_leave(f);
}

/* The last stage first, so that what goes on meets nothing that waits. */
static struct stage *last_waiting(const struct flow *f)
{
	struct stage *last = NULL;

	for (struct stage *st = f->first; st; st = st->next)
		if (stage_wait_any(&st->wait))
			last = st;
	return last;
}

void flow_work(struct flow *f)
{
	struct stage *st;

	if (!(f->pause & PAUSE_WORK))
		return;
	flow_enter(f);
	while ((st = last_waiting(f)) && flow_may_work(f))
		stage_push_waiting(st, st);
	flow_leave(f);
	if (st)
		f->host->work(f);
	else
		flow_resume(f, PAUSE_WORK);
}

void flow_cut(struct flow *f)
{
	if (f->end_out != END_NONE)
		return;
	flow_enter(f);
	f->end_out = END_FIN;
	f->host->deliver_end(f, END_FIN);
	flow_leave(f);
}

bool flow_waits_in_vain(const struct flow *f)
{
	for (const struct stage *st = f->first; st; st = st->next)
		if (st->ops->ends_together && st->end_in == END_FIN && st->end_out == END_NONE)
			return true;
	return false;
}

void flow_sent(struct flow *f, size_t n)
{
	BUG_ON(n > f->undelivered);
	flow_enter(f);
	f->undelivered -= n;
	if (n && f->env->timed)
		flow_time_left(&f->time, n, clock_now(f->env->clock));
	flow_leave(f);
}

static void set_pause(struct flow *f, unsigned pause)
{
	if (f->pause == pause)
		return;
	if (f->env->timed && !f->pause)
		f->time.paused = clock_now(f->env->clock);
	f->pause = pause;
	f->host->interest(f);
}

void flow_pause(struct flow *f, enum pause_reason why)
{
	set_pause(f, f->pause | why);
}

void flow_resume(struct flow *f, enum pause_reason why)
{
	set_pause(f, f->pause & ~(unsigned)why);
}

bool flow_readable(const struct flow *f)
{
	return f->pause == 0;
}

void flow_yield(struct flow *f)
{
	set_backpressure(f);
}

size_t flow_room(const struct flow *f)
{
	size_t load = flow_load(f), limit = flow_limit(f);

	return load < limit ? limit - load : 0;
}
