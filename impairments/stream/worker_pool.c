/* worker_pool.c - lets hung exchanges use up the workers of a server that all sessions share: with
 * each one healthy requests become slower, and they wait when no worker is left. */
#include "impairments/impairment.h"
#include "impairments/stream/parts/hold.h"

#include "proxy/base/mem.h"

#include <jansson.h>
#include <search.h>
#include <sys/queue.h>

#define LOOK  (10 * NS_PER_MS) /* between two looks for a free worker, while requests wait */
#define DAY_S 86400

struct worker_pool {
	uint64_t workers, cost;
	int64_t service, hung;
	double slowdown;
};

static const struct param params[] = {
    P_COUNT("workers", struct worker_pool, workers, .def = "25", .min = "1", .max = "1000000",
	    .help = "units that there are: when hung exchanges have them all, new requests wait"),
    P_COUNT("cost", struct worker_pool, cost, .def = "1", .min = "1", .max = "1000000",
	    .help = "units that each hung exchange uses"),
    P_DURATION("hung", struct worker_pool, hung, .def = "1s", .min = "1ms", .max = "1h",
	       .help = "an exchange is hung when nothing has moved in it for so long"),
    P_DURATION("service", struct worker_pool, service, .def = "10ms", .min = "0", .max = "1h",
	       .help = "nominal service time of a healthy request"),
    P_NUMBER("slowdown", struct worker_pool, slowdown, .def = "1", .min = "0", .max = "1000000",
	     .help = "for each unit in use a request is served later by so many service times"),
    P_END,
};

/* One session, whose two stages share it. */
struct exchange {
	uint64_t session; /* first: the tree's key */
	unsigned stages;
	struct flow *down; /* NULL: no stage acts downstream */
	struct stage *up;
	bool unanswered; /* a request has passed, and no byte of a response since */
	int64_t moved;	 /* when a byte of the session last passed */
	bool queued;
	TAILQ_ENTRY(exchange) by_moved, in_queue;
};

TAILQ_HEAD(exchanges, exchange);

struct shared {
	struct env env;
	void *tree;
	struct exchanges all;	/* the longest quiet one first */
	struct exchanges queue; /* with a request that waits for a worker, first come first */
	struct timer look;
};

struct state {
	struct hold hold;
	struct exchange *x; /* NULL: the stage doesn't act */
	int64_t began;	    /* of the held request */
	uint64_t used;	    /* units that were in use then */
};

static int by_session(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void touch_exchange(struct shared *sh, struct exchange *x, int64_t now)
{
	x->moved = now;
	TAILQ_REMOVE(&sh->all, x, by_moved);
	TAILQ_INSERT_TAIL(&sh->all, x, by_moved);
}

/* Returns whether a request is unanswered, or the answer is held back from the client. */
static bool is_stuck(const struct exchange *x)
{
	return x->unanswered || (x->down && (x->down->held || x->down->stage_pauses));
}

static uint64_t units_used(const struct shared *sh, const struct worker_pool *cfg, int64_t now)
{
	const struct exchange *x;
	uint64_t n = 0;

	TAILQ_FOREACH (x, &sh->all, by_moved) {
		if (now - x->moved < cfg->hung)
			break;
		n += is_stuck(x);
	}
	return n * cfg->cost;
}

static int64_t later_by(const struct worker_pool *cfg, uint64_t used)
{
	double s = clock_seconds(cfg->service) * cfg->slowdown * (double)used;

	return s < DAY_S ? (int64_t)(s * NS_PER_S) : DAY_S * NS_PER_S;
}

static void pass_request(struct stage *st, int64_t now)
{
	struct state *s = stage_state(st);

	if (st->held && s->x) {
		s->x->unanswered = true;
		touch_exchange(st->shared, s->x, now);
	}
	hold_pass_all(st, &s->hold);
	if (st->end_in != END_NONE && st->end_out == END_NONE)
		stage_pass_end(st, st->end_in);
}

/* The pool has units left: the request's service begins. */
static void serve_request(struct stage *st, uint64_t used, int64_t now)
{
	struct state *s = stage_state(st);

	s->began = now;
	s->used = used;
	if (used)
		stage_event(st, "request_slowed", "s:I, s:f", "used", (json_int_t)used, "for",
			    clock_seconds(later_by(st->cfg, used)));
	stage_arm(st, now + later_by(st->cfg, used));
}

static void look_cb(void *arg, int64_t now)
{
	struct shared *sh = arg;
	struct exchange *x;

	while ((x = TAILQ_FIRST(&sh->queue))) {
		const struct worker_pool *cfg = x->up->cfg;
		uint64_t used = units_used(sh, cfg, now);

		if (used >= cfg->workers)
			break;
		TAILQ_REMOVE(&sh->queue, x, in_queue);
		x->queued = false;
		stage_event(x->up, "request_admitted", "s:I", "used", (json_int_t)used);
		serve_request(x->up, used, now);
	}
	if (x)
		timer_arm(sh->env.timers, &sh->look, now + LOOK);
}

static void queue_exchange(struct stage *st, uint64_t used, int64_t now)
{
	struct state *s = stage_state(st);
	struct shared *sh = st->shared;

	stage_event(st, "request_queued", "s:I", "used", (json_int_t)used);
	s->x->queued = true;
	TAILQ_INSERT_TAIL(&sh->queue, s->x, in_queue);
	if (!timer_armed(&sh->look))
		timer_arm(sh->env.timers, &sh->look, now + LOOK);
}

static void dequeue_exchange(struct shared *sh, struct exchange *x)
{
	if (!x->queued)
		return;
	x->queued = false;
	TAILQ_REMOVE(&sh->queue, x, in_queue);
	if (TAILQ_EMPTY(&sh->queue))
		timer_cancel(sh->env.timers, &sh->look);
}

/* A request begins with the first byte behind a byte of a response, or of the session. */
static void take_request(struct stage *st, struct evbuffer *buf)
{
	struct state *s = stage_state(st);
	const struct worker_pool *cfg = st->cfg;
	int64_t now = stage_now(st);
	bool begins = !s->x->unanswered && !st->held;
	uint64_t used;

	if (s->x->unanswered && !st->held) {
		touch_exchange(st->shared, s->x, now);
		stage_pass(st, buf);
		return;
	}
	hold_take(st, &s->hold, buf);
	if (!begins)
		return;
	used = units_used(st->shared, cfg, now);
	if (used >= cfg->workers)
		queue_exchange(st, used, now);
	else if (later_by(cfg, used))
		serve_request(st, used, now);
	else
		pass_request(st, now);
}

static void pool_data(struct stage *st, struct evbuffer *buf)
{
	struct state *s = stage_state(st);

	if (st->flow->dir == DIR_UPSTREAM) {
		take_request(st, buf);
		return;
	}
	s->x->unanswered = false;
	touch_exchange(st->shared, s->x, stage_now(st));
	stage_pass(st, buf);
}

static void pool_end(struct stage *st, enum flow_end end)
{
	if (!st->held)
		stage_pass_end(st, end);
}

static void pool_open(struct stage *st)
{
	struct state *s = stage_state(st);
	struct shared *sh = st->shared;
	uint64_t *key = &st->flow->session;
	struct exchange **found = tfind(key, &sh->tree, by_session), *x;

	if (found) {
		x = *found;
	} else {
		x = xcalloc(1, sizeof(*x));
		x->session = *key;
		x->moved = stage_now(st);
		TAILQ_INSERT_TAIL(&sh->all, x, by_moved);
		BUG_ON(!tsearch(x, &sh->tree, by_session));
	}
	s->x = x;
	x->stages++;
	if (st->flow->dir == DIR_UPSTREAM)
		x->up = st;
	else
		x->down = st->flow;
}

static void leave_exchange(struct stage *st)
{
	struct state *s = stage_state(st);
	struct shared *sh = st->shared;
	struct exchange *x = s->x;

	if (!x)
		return;
	s->x = NULL;
	if (st->flow->dir == DIR_UPSTREAM)
		dequeue_exchange(sh, x);
	else
		x->down = NULL;
	if (--x->stages)
		return;
	tdelete(x, &sh->tree, by_session);
	TAILQ_REMOVE(&sh->all, x, by_moved);
	free(x);
}

static void pool_update(struct stage *st)
{
	struct state *s = stage_state(st);

	if (st->held && !s->x->queued)
		stage_arm(st, s->began + later_by(st->cfg, s->used));
}

static void pool_drain(struct stage *st)
{
	leave_exchange(st);
	pass_request(st, stage_now(st));
}

static void pool_close(struct stage *st)
{
	struct state *s = stage_state(st);

	leave_exchange(st);
	hold_free(&s->hold);
}

static void pool_shared_init(void *shared, const struct env *env, const void *cfg)
{
	struct shared *sh = shared;

	(void)cfg;
	sh->env = *env;
	TAILQ_INIT(&sh->all);
	TAILQ_INIT(&sh->queue);
	sh->look.fn = look_cb;
	sh->look.arg = sh;
}

static const struct stage_ops ops = {
    .state_size = sizeof(struct state),
    .open = pool_open,
    .data = pool_data,
    .end = pool_end,
    .timer = pass_request,
    .update = pool_update,
    .drain = pool_drain,
    .close = pool_close,
};

/* A session that is alone meets no other that hangs. */
static uint64_t pool_spares(const void *cfg)
{
	(void)cfg;
	return 1;
}

const struct impairment worker_pool_impairment = {
    .name = "worker_pool",
    .summary = "every hung exchange slows the healthy ones, until new ones queue",
    .impersonates = "the server's application, whose workers are busy or stuck",
    .doc = "The sessions of the proxy share the workers of one server. A request begins with the "
	   "first byte of a client behind a byte of a response, or behind nothing. An exchange is "
	   "hung when for the time hung no byte has passed in it, and either its request has gone "
	   "on and nothing of a response has come, or another impairment keeps its response "
	   "back. An exchange that began while it didn't act counts from its next byte on. It acts "
	   "between sessions, so it has no window: a schedule says when.\n\n"
	   "Let H be the number of hung exchanges times cost. A new request is held for service x "
	   "slowdown x H and then goes on: with a server that takes the nominal service time, a "
	   "response comes after service x (1 + slowdown x H), and with H = 0 nothing is changed. "
	   "When H has reached workers, new requests wait, first come first, until H has fallen "
	   "below (looked at every 10 ms). A connection is still accepted meanwhile, and its "
	   "request acknowledged.\n\n"
	   "It acts on both directions; put it behind the impairments that hang exchanges, and "
	   "choose with their match which ones hang. When it is changed, a request that is held "
	   "is timed anew from when its service began, for the H it met then. When it is disabled "
	   "or removed, held and waiting requests go on at once. Nothing is lost.",
    .params = params,
    .cfg_size = sizeof(struct worker_pool),
    .stream = &ops,
    .shared_size = sizeof(struct shared),
    .shared_init = pool_shared_init,
    .both_flows = true,
    .window = IMPAIR_WINDOW_NONE,
    .spares = pool_spares,
    .example = "worker_pool{workers=20,service=10ms,slowdown=1}",
};
