/* flow.c - one direction's order, accounts and back-pressure; the stages themselves are stage.c. */
#include "proxy/stream/flow/flow.h"

#include "proxy/stream/flow/stage.h"

#include <event2/buffer.h>
#include <jansson.h>

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
	};
}

void flow_fini(struct flow *f)
{
	BUG_ON(f->depth);
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
}

/* Reading stops at the bound and goes on at half of it, so that it goes on in useful pieces. */
static void set_backpressure(struct flow *f)
{
	size_t load = f->held + f->undelivered;

	if (load >= f->hold_limit)
		flow_pause(f, PAUSE_BACKPRESSURE);
	else if (load <= f->hold_limit / 2)
		flow_resume(f, PAUSE_BACKPRESSURE);
}

void flow_enter(struct flow *f)
{
	f->depth++;
}

void flow_leave(struct flow *f)
{
	BUG_ON(!f->depth);
	if (--f->depth)
		return;
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

void flow_cut(struct flow *f)
{
	if (f->end_out != END_NONE)
		return;
	flow_enter(f);
	f->end_out = END_FIN;
	f->host->deliver_end(f, END_FIN);
	flow_leave(f);
}

void flow_sent(struct flow *f, size_t n)
{
	BUG_ON(n > f->undelivered);
	flow_enter(f);
	f->undelivered -= n;
	flow_leave(f);
}

static void set_pause(struct flow *f, unsigned pause)
{
	if (f->pause == pause)
		return;
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

size_t flow_room(const struct flow *f)
{
	size_t load = f->held + f->undelivered;

	return load < f->hold_limit ? f->hold_limit - load : 0;
}
