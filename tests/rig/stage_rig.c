/* stage_rig.c - a flow without sockets: see the header for how a test uses it. */
#include "tests/rig/stage_rig.h"

#include "proxy/base/mem.h"
#include "tests/rig/watch.h"

#include <event2/buffer.h>
#include <string.h>

struct rig {
	struct watch watch;
	struct flow flow;
	struct stage *first;
	unsigned nstages;
	bool blocked;
	enum flow_end ended;
	uint64_t fed; /* bytes of the pattern sent so far */
	struct text out;
};

static struct rig *host_rig(struct flow *f)
{
	return f->host_arg;
}

static void rig_deliver(struct flow *f, struct evbuffer *buf)
{
	struct rig *r = host_rig(f);
	size_t n = evbuffer_get_length(buf);
	unsigned char *p = evbuffer_pullup(buf, -1);

	BUG_ON(r->ended != END_NONE);
	text_add(&r->out, p, n);
	watch_bytes(&r->watch, "", p, n);
	evbuffer_drain(buf, n);
	if (!r->blocked)
		flow_sent(f, n);
}

static void rig_deliver_end(struct flow *f, enum flow_end end)
{
	struct rig *r = host_rig(f);

	BUG_ON(r->ended != END_NONE);
	r->ended = end;
	watch_end(&r->watch, "", end);
}

static void rig_interest(struct flow *f)
{
	(void)f;
}

static void rig_reset(struct flow *f, enum leg leg, bool after_delivery, const char *why)
{
	watch_reset(&host_rig(f)->watch, "", leg, after_delivery, why);
}

static void rig_finish_back(struct flow *f)
{
	watch_say(&host_rig(f)->watch, "FIN back");
}

static const struct flow_host_ops rig_host = {
    .deliver = rig_deliver,
    .deliver_end = rig_deliver_end,
    .interest = rig_interest,
    .reset = rig_reset,
    .finish_back = rig_finish_back,
};

struct rig *rig_new_dir(const struct stage_ops *ops, const void *cfg, enum dir dir, uint64_t seed,
			uint64_t session)
{
	struct rig *r = xcalloc(1, sizeof(*r));

	watch_init(&r->watch, seed);
	text_add(&r->out, "", 0);
	flow_init(&r->flow, &r->watch.env, dir, session, &rig_host, r);
	if (ops)
		rig_attach(r, ops, cfg, "stage");
	return r;
}

struct rig *rig_new(const struct stage_ops *ops, const void *cfg)
{
	return rig_new_dir(ops, cfg, DIR_UPSTREAM, 1, 1);
}

void rig_free(struct rig *r)
{
	flow_fini(&r->flow);
	watch_fini(&r->watch);
	free(r->out.s);
	free(r);
}

struct stage *rig_attach(struct rig *r, const struct stage_ops *ops, const void *cfg,
			 const char *name)
{
	struct stage *st = stage_attach(&r->flow, ops, cfg, name, r->nstages++);

	if (!r->first)
		r->first = st;
	stage_set_active(st, true);
	return st;
}

struct stage *rig_stage(struct rig *r)
{
	return r->first;
}

struct flow *rig_flow(struct rig *r)
{
	return &r->flow;
}

void rig_feed(struct rig *r, const char *text)
{
	flow_feed(&r->flow, text, strlen(text));
}

/* Weyl's sequence: no piece of it looks like its neighbours or like another piece. */
static unsigned char pattern(uint64_t at)
{
	return (unsigned char)(at * UINT64_C(0x9e3779b97f4a7c15) >> 56);
}

void rig_feed_bytes(struct rig *r, size_t n)
{
	unsigned char *data = xcalloc(n, 1);

	for (size_t i = 0; i < n; i++)
		data[i] = pattern(r->fed++);
	flow_feed(&r->flow, data, n);
	free(data);
}

bool rig_bytes_in_order(const struct rig *r)
{
	if (r->out.n > r->fed)
		return false;
	for (size_t i = 0; i < r->out.n; i++)
		if ((unsigned char)r->out.s[i] != pattern(i))
			return false;
	return true;
}

void rig_end(struct rig *r, enum flow_end end)
{
	flow_finish(&r->flow, end);
}

void rig_advance(struct rig *r, int64_t ns)
{
	watch_advance(&r->watch, ns);
}

void rig_settle(struct rig *r)
{
	for (int i = 0; i < 10000 && timerq_next(r->watch.env.timers) != INT64_MAX; i++) {
		int64_t due = timerq_next(r->watch.env.timers);

		rig_advance(r, due > r->watch.clock.t ? due - r->watch.clock.t : 0);
	}
	BUG_ON(timerq_next(r->watch.env.timers) != INT64_MAX);
}

int64_t rig_now(const struct rig *r)
{
	return r->watch.clock.t;
}

int64_t rig_next_due(const struct rig *r)
{
	return timerq_next(r->watch.env.timers);
}

void rig_block(struct rig *r, bool blocked)
{
	r->blocked = blocked;
	if (!blocked)
		flow_sent(&r->flow, r->flow.undelivered);
}

const char *rig_text(const struct rig *r)
{
	return r->out.s;
}

const unsigned char *rig_bytes(const struct rig *r, size_t *n)
{
	*n = r->out.n;
	return (const unsigned char *)r->out.s;
}

enum flow_end rig_ended(const struct rig *r)
{
	return r->ended;
}

const char *rig_log(const struct rig *r)
{
	return r->watch.log.s;
}

const char *rig_journal(struct rig *r)
{
	return watch_journal(&r->watch);
}

bool rig_readable(const struct rig *r)
{
	return flow_readable(&r->flow);
}
