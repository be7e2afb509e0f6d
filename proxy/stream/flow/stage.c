/* stage.c - bytes and ends on their way from stage to stage. Keeps every stage honest: each byte
 * given to it is passed, held or eaten, and its end leaves it once. */
#include "proxy/stream/flow/stage_window.h"

#include "proxy/base/mem.h"

#include <event2/buffer.h>
#include <jansson.h>
#include <stdarg.h>

static void write_line(struct stage *st, const char *event, const char *fmt, va_list ap)
{
	struct journal *journal = st->flow->env->journal;

	if (!journal_is_read(journal))
		return;
	journal_vevent(journal, event,
		       json_pack("{s:s, s:I, s:s}", "stage", st->name, "session",
				 (json_int_t)st->flow->session, "direction",
				 dir_name(st->flow->dir)),
		       fmt, ap);
}

static void stage_timer_cb(void *arg, int64_t now)
{
	struct stage *st = arg;

	flow_enter(st->flow);
	st->ops->timer(st, now);
	stage_end_lingering(st);
	flow_leave(st->flow);
}

/* Both directions of one configured instance have decisions of their own. */
static uint64_t rng_stage(unsigned index, enum dir dir)
{
	return (uint64_t)index * DIR_COUNT + dir;
}

static void link_before(struct flow *f, struct stage *st, struct stage *before)
{
	struct stage *last = before ? NULL : f->last;

	for (struct stage *at = f->first; before && at != before; at = at->next)
		last = at;
	st->next = before;
	if (last)
		last->next = st;
	else
		f->first = st;
	if (!before)
		f->last = st;
}

struct stage *stage_attach_before(struct flow *f, struct stage *before, const struct stage_ops *ops,
				  const void *cfg, const char *name, unsigned index)
{
	struct stage *st = xcalloc(1, sizeof(*st) + ops->state_size);

	st->ops = ops;
	st->flow = f;
	st->cfg = cfg;
	st->name = name;
	st->index = index;
	st->rng = rng_make(f->env->seed, rng_stage(index, f->dir), f->session);
	st->timer.fn = stage_timer_cb;
	st->timer.arg = st;
	/* Where the end has passed, nothing comes any more. */
	st->end_in = st->end_out = !before	      ? f->end_out
				   : before->wait.end ? before->wait.end
						      : before->end_in;
	link_before(f, st, before);
	return st;
}

struct stage *stage_attach(struct flow *f, const struct stage_ops *ops, const void *cfg,
			   const char *name, unsigned index)
{
	return stage_attach_before(f, NULL, ops, cfg, name, index);
}

void stage_share(struct stage *st, void *shared)
{
	st->shared = shared;
	if (st->ops->join)
		st->ops->join(st);
}

void stage_set_active(struct stage *st, bool active)
{
	st->outside = st->end_inside = false;
	st->behind = 0;
	if (st->active == active)
		return;
	flow_enter(st->flow);
	if (active) {
		st->active = true;
		st->ops->open(st);
	} else {
		stage_disarm(st);
		st->ops->drain(st);
		BUG_ON(st->held || timer_armed(&st->timer));
		if (st->end_in != END_NONE && st->end_out == END_NONE)
			stage_pass_end(st, st->end_in);
		stage_resume(st);
		stage_need_room(st, 0);
		st->active = false;
	}
	flow_leave(st->flow);
}

void stage_update(struct stage *st, const void *cfg)
{
	flow_enter(st->flow);
	st->cfg = cfg;
	if (st->active)
		st->ops->update(st);
	stage_end_lingering(st);
	flow_leave(st->flow);
}

void stage_free(struct stage *st)
{
	if (st->late)
		stage_event(st, "eat", "s:I, s:s", "bytes", (json_int_t)st->late, "why",
			    "they came after the end");
	stage_disarm(st);
	st->ops->close(st);
	if (st->wait.bytes)
		evbuffer_free(st->wait.bytes);
	free(st);
}

void stage_push_waiting(struct stage *st, struct stage *to)
{
	struct stage_wait w = st->wait;

	st->wait = (struct stage_wait){0};
	if (w.bytes) {
		st->flow->held -= evbuffer_get_length(w.bytes);
		stage_push(st->flow, to, w.bytes);
		evbuffer_free(w.bytes);
	}
	if (w.end != END_NONE)
		stage_push_end(st->flow, to, w.end);
}

void stage_detach(struct stage *st)
{
	struct flow *f = st->flow;
	struct stage **link = &f->first, *before = NULL;

	BUG_ON(f->depth);
	stage_set_active(st, false);
	while (*link != st) {
		before = *link;
		link = &before->next;
	}
	*link = st->next;
	if (f->last == st)
		f->last = before;
	flow_enter(f);
	stage_push_waiting(st, st->next);
	flow_leave(f);
	stage_free(st);
}

void stage_check(struct stage *st)
{
	if (st->held || st->pausing || (st->end_in != END_NONE && st->end_out == END_NONE))
		stage_acted(st);
	if (st->balance == st->held)
		return;
	fprintf(stderr,
		"wedge: bug in stage %s: it was given %zu bytes more than it passed or ate, "
		"and says that it keeps %zu\n",
		st->name, st->balance, st->held);
	abort();
}

static void eat_bytes(struct flow *f, struct evbuffer *buf)
{
	size_t n = evbuffer_get_length(buf);

	f->eaten_bytes += n;
	evbuffer_drain(buf, n);
}

static void sink_push(struct flow *f, struct evbuffer *buf)
{
	size_t n = evbuffer_get_length(buf);

	if (f->end_out != END_NONE) {
		f->late += n;
		eat_bytes(f, buf);
		return;
	}
	f->out_bytes += n;
	f->undelivered += n;
	f->host->deliver(f, buf);
	f->unflushed = true;
	BUG_ON(evbuffer_get_length(buf));
}

/* Once: the source is gone afterwards. */
static void refuse_late_bytes(struct stage *st)
{
	if (!st->refusing)
		return;
	st->refusing = false;
	stage_reset(st, st->flow->dir == DIR_UPSTREAM ? LEG_CLIENT : LEG_SERVER, false,
		    "bytes came after its end");
}

/* Bytes meet a stage, or go past it. */
static void give_bytes(struct stage *st, struct evbuffer *buf)
{
	size_t n = evbuffer_get_length(buf);

	if (st->end_out != END_NONE) {
		st->late += n;
		eat_bytes(st->flow, buf);
		refuse_late_bytes(st);
	} else if (st->active) {
		BUG_ON(st->end_in != END_NONE);
		st->balance += n;
		st->behind += st->outside ? n : 0;
		st->ops->data(st, buf);
		BUG_ON(evbuffer_get_length(buf));
		stage_end_lingering(st);
	} else {
		stage_show(st, buf);
		stage_push(st->flow, st->next, buf);
	}
}

static void leave_waiting(struct stage *st, struct evbuffer *buf)
{
	st->flow->held += evbuffer_get_length(buf);
	stage_wait_add(&st->wait, buf);
	flow_wait(st->flow);
}

/* In pieces, where the stage begins or ceases to act within these bytes, until the turn's work is
 * done; asks once more behind the last one, so that a stage that acts from byte 10,000 on doesn't
 * wait for byte 10,001. */
static void push_by_gate(struct stage *st, struct evbuffer *buf)
{
	struct evbuffer *piece = NULL;
	size_t n, k;

	while ((n = evbuffer_get_length(buf)) > 0 && st->end_out == END_NONE) {
		if (!flow_may_work(st->flow)) {
			leave_waiting(st, buf);
			break;
		}
		k = st->gate->admit(st, buf);
		BUG_ON(k == 0 || k > n);
		if (k == n) {
			give_bytes(st, buf);
			continue;
		}
		if (!piece)
			piece = evbuffer_new();
		BUG_ON(!piece || evbuffer_remove_buffer(buf, piece, k) != (int)k);
		give_bytes(st, piece);
	}
	if (piece)
		evbuffer_free(piece);
	if (evbuffer_get_length(buf))
		give_bytes(st, buf);
	else if (st->end_out == END_NONE && !stage_wait_any(&st->wait))
		st->gate->admit(st, buf);
}

void stage_push(struct flow *f, struct stage *st, struct evbuffer *buf)
{
	if (!evbuffer_get_length(buf))
		return;
	while (st && !st->gate && !st->active && st->end_out == END_NONE)
		st = st->next;
	if (!st)
		sink_push(f, buf);
	else if (stage_wait_any(&st->wait))
		leave_waiting(st, buf);
	else if (st->gate && st->end_out == END_NONE)
		push_by_gate(st, buf);
	else
		give_bytes(st, buf);
}

void stage_push_end(struct flow *f, struct stage *st, enum flow_end end)
{
	for (; st; st = st->next) {
		if (st->end_in != END_NONE || st->wait.end != END_NONE)
			return;
		if (stage_wait_any(&st->wait)) {
			st->wait.end = end;
			return;
		}
		if (st->gate && st->end_out == END_NONE)
			st->gate->end(st, end);
		st->end_in = end;
		if (st->end_out != END_NONE)
			return;
		if (st->active) {
			st->ops->end(st, end);
			return;
		}
		st->end_out = end;
	}
	if (f->end_out != END_NONE)
		return;
	f->end_out = end;
	f->host->deliver_end(f, end);
}

void stage_arm(struct stage *st, int64_t due)
{
	timer_arm(st->flow->env->timers, &st->timer, due);
}

void stage_disarm(struct stage *st)
{
	timer_cancel(st->flow->env->timers, &st->timer);
}

void stage_pass(struct stage *st, struct evbuffer *buf)
{
	size_t n = evbuffer_get_length(buf);

	BUG_ON(n > st->balance || (n && st->end_out != END_NONE));
	st->balance -= n;
	stage_push(st->flow, st->next, buf);
}

void stage_part(struct stage *st)
{
	flow_flush(st->flow);
}

void stage_pass_end(struct stage *st, enum flow_end end)
{
	BUG_ON(end == END_NONE || st->end_out != END_NONE || st->held);
	st->end_out = end;
	stage_push_end(st->flow, st->next, end);
}

void stage_hold(struct stage *st, size_t n)
{
	st->held += n;
	st->flow->held += n;
}

void stage_release(struct stage *st, size_t n)
{
	BUG_ON(n > st->held);
	st->held -= n;
	st->flow->held -= n;
}

void stage_eat(struct stage *st, size_t n, const char *why)
{
	BUG_ON(n > st->balance);
	st->balance -= n;
	st->flow->eaten_bytes += n;
	stage_event(st, "eat", "s:I, s:s", "bytes", (json_int_t)n, "why", why);
}

void stage_add(struct stage *st, size_t n, const char *why)
{
	st->balance += n;
	st->flow->added_bytes += n;
	stage_event(st, "add", "s:I, s:s", "bytes", (json_int_t)n, "why", why);
}

void stage_pause(struct stage *st)
{
	if (st->pausing)
		return;
	st->pausing = true;
	if (st->flow->stage_pauses++ == 0)
		flow_pause(st->flow, PAUSE_STAGE);
}

void stage_resume(struct stage *st)
{
	if (!st->pausing)
		return;
	st->pausing = false;
	if (--st->flow->stage_pauses == 0)
		flow_resume(st->flow, PAUSE_STAGE);
}

void stage_need_room(struct stage *st, size_t bytes)
{
	struct flow *f = st->flow;

	f->room += bytes - st->room;
	st->room = bytes;
	f->hold_limit = f->room > FLOW_HOLD_LIMIT ? f->room : FLOW_HOLD_LIMIT;
}

void stage_reset(struct stage *st, enum leg leg, bool after_delivery, const char *why)
{
	stage_event(st, "reset", "s:s, s:b, s:s", "leg", leg_name(leg), "after_delivery",
		    after_delivery, "why", why);
	st->flow->host->reset(st->flow, leg, after_delivery, why);
}

void stage_end_abruptly(struct stage *st)
{
	stage_event(st, "end_abruptly", NULL);
	if (st->flow->host->end_abruptly)
		st->flow->host->end_abruptly(st->flow);
}

void stage_finish_back(struct stage *st)
{
	stage_event(st, "finish_back", NULL);
	st->flow->host->finish_back(st->flow);
}

void stage_acted(struct stage *st)
{
	if (st->acted)
		return;
	st->acted = true;
	if (st->gate && st->gate->acted)
		st->gate->acted(st);
}

void stage_note(struct stage *st, const char *event, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	write_line(st, event, fmt, ap);
	va_end(ap);
}

void stage_event(struct stage *st, const char *event, const char *fmt, ...)
{
	va_list ap;

	stage_acted(st);
	va_start(ap, fmt);
	write_line(st, event, fmt, ap);
	va_end(ap);
}
