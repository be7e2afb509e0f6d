/* bandwidth.c - bytes pass at a rate and no faster, each flow on its own or all flows of the proxy
 * together, taking turns. */
#include "impairments/impairment.h"
#include "impairments/stream/parts/hold.h"
#include "impairments/stream/parts/token_bucket.h"

#include <event2/buffer.h>
#include <sys/queue.h>

#define LOW_TIME 20 /* ms of the rate that are held ready */
#define LOW_MIN	 (16u << 10)
#define LOW_MAX	 (1u << 20)

struct bandwidth {
	uint64_t rate, burst;
	bool shared;
};

static const struct param params[] = {
    P_RATE("rate", struct bandwidth, rate, .min = "1B/s", .max = "100Gbit/s",
	   .help = "payload bytes per second"),
    P_SIZE("burst", struct bandwidth, burst, .def = "0", .max = "1GiB",
	   .help = "bytes that may pass at once after a time of rest: the depth of the bucket"),
    P_FLAG("shared", struct bandwidth, shared, .def = "false",
	   .help = "one rate for all sessions of the proxy, and both directions where it acts on "
		   "both, instead of one for each"),
    P_END,
};

/* A bucket and the stages that wait for its tokens, in turn. Only the timer of the first stage is
 * armed, for its next piece. */
struct line {
	struct token_bucket bucket;
	TAILQ_HEAD(, state) waiting;
	size_t piece;
};

struct state {
	struct hold hold;
	struct stage *stage;
	struct line own, *line; /* line: in which the stage waits, or NULL */
	TAILQ_ENTRY(state) entry;
	size_t low;	 /* held bytes at which reading goes on */
	int64_t resumed; /* when reading last went on */
	bool starved;	 /* low was too little for what the stages before it delay */
};

static void line_init(struct line *l, const struct bandwidth *cfg, int64_t now)
{
	TAILQ_INIT(&l->waiting);
	token_bucket_set(&l->bucket, cfg->rate, cfg->burst);
	token_bucket_fill(&l->bucket, now);
}

static void line_arm(struct line *l)
{
	struct state *s = TAILQ_FIRST(&l->waiting);

	if (!s)
		return;
	l->piece = token_bucket_piece(&l->bucket, s->stage->held);
	stage_arm(s->stage, token_bucket_due(&l->bucket, l->piece));
}

static void line_join(struct line *l, struct state *s)
{
	bool first = TAILQ_EMPTY(&l->waiting);

	s->line = l;
	TAILQ_INSERT_TAIL(&l->waiting, s, entry);
	if (!first)
		return;
	token_bucket_begin(&l->bucket, stage_now(s->stage));
	line_arm(l);
}

static void line_leave(struct state *s)
{
	struct line *l = s->line;
	bool first;

	if (!l)
		return;
	first = TAILQ_FIRST(&l->waiting) == s;
	TAILQ_REMOVE(&l->waiting, s, entry);
	s->line = NULL;
	stage_disarm(s->stage);
	if (first)
		line_arm(l);
}

/* Returns the line in which the stage is to wait. A shared line takes a new rate from whichever
 * stage sees the change first. */
static struct line *line_of(struct stage *st)
{
	const struct bandwidth *cfg = st->cfg;
	struct state *s = stage_state(st);
	struct line *l = cfg->shared ? st->shared : &s->own;

	if (l->bucket.rate != cfg->rate || l->bucket.burst != cfg->burst)
		token_bucket_set(&l->bucket, cfg->rate, cfg->burst);
	return l;
}

/* Returns what the stages before this one hold: bytes that still come when the source isn't read.
 */
static size_t held_before(const struct stage *st)
{
	size_t n = 0;

	for (const struct stage *at = st->flow->first; at != st; at = at->next)
		n += at->held;
	return n;
}

static void set_bound(struct stage *st)
{
	struct state *s = stage_state(st);
	bool paused = st->pausing;

	hold_bound(st, s->low, 2 * s->low);
	if (paused && !st->pausing)
		s->resumed = stage_now(st);
	if (!st->held && !s->starved)
		s->starved = s->resumed && held_before(st);
}

/* Reading went on too late for bytes that stages before this one delay, so next time it goes on
 * that much earlier. Otherwise a delay before a rate would make the rate lower. */
static void learn_lag(struct stage *st)
{
	struct state *s = stage_state(st);
	size_t most = st->flow->hold_limit / 4;
	double lag = clock_seconds(stage_now(st) - s->resumed);
	double low = lag * (double)s->line->bucket.rate * 1.25; /* with a margin */

	s->starved = false;
	if (low > (double)s->low)
		s->low = low < (double)most ? (size_t)low : most;
}

static void bandwidth_open(struct stage *st)
{
	const struct bandwidth *cfg = st->cfg;
	struct state *s = stage_state(st);
	uint64_t low = cfg->rate * LOW_TIME / 1000;

	s->stage = st;
	s->low = low < LOW_MIN ? LOW_MIN : low > LOW_MAX ? LOW_MAX : (size_t)low;
	s->starved = false;
	s->resumed = 0;
	line_init(&s->own, cfg, stage_now(st));
	stage_need_room(st, 4 * s->low);
}

static void bandwidth_data(struct stage *st, struct evbuffer *buf)
{
	struct state *s = stage_state(st);

	hold_take(st, &s->hold, buf);
	if (!s->line)
		line_join(line_of(st), s);
	if (s->starved)
		learn_lag(st);
	set_bound(st);
}

static void bandwidth_end(struct stage *st, enum flow_end end)
{
	if (!st->held)
		stage_pass_end(st, end);
}

static void bandwidth_timer(struct stage *st, int64_t now)
{
	struct state *s = stage_state(st);
	struct line *l = s->line;
	size_t piece = l->piece;

	token_bucket_take(&l->bucket, piece, now);
	TAILQ_REMOVE(&l->waiting, s, entry);
	if (st->held > piece)
		TAILQ_INSERT_TAIL(&l->waiting, s, entry);
	else
		s->line = NULL;
	hold_pass(st, &s->hold, piece);
	line_arm(l);
	set_bound(st);
	if (!st->held && st->end_in != END_NONE)
		stage_pass_end(st, st->end_in);
}

/* The new rate counts from the next piece on. */
static void bandwidth_update(struct stage *st)
{
	struct state *s = stage_state(st);
	struct line *l;

	line_leave(s);
	bandwidth_open(st);
	l = line_of(st);
	if (st->held)
		line_join(l, s);
	if (TAILQ_FIRST(&l->waiting))
		line_arm(l);
	set_bound(st);
}

static void bandwidth_drain(struct stage *st)
{
	struct state *s = stage_state(st);

	line_leave(s);
	hold_pass_all(st, &s->hold);
}

static void bandwidth_close(struct stage *st)
{
	struct state *s = stage_state(st);

	line_leave(s);
	hold_free(&s->hold);
}

static void bandwidth_shared_init(void *shared, const struct env *env, const void *cfg)
{
	line_init(shared, cfg, clock_now(env->clock));
}

static void bandwidth_shared_fini(void *shared)
{
	struct line *l = shared;

	BUG_ON(!TAILQ_EMPTY(&l->waiting));
}

static const struct stage_ops ops = {
    .state_size = sizeof(struct state),
    .open = bandwidth_open,
    .data = bandwidth_data,
    .end = bandwidth_end,
    .timer = bandwidth_timer,
    .update = bandwidth_update,
    .drain = bandwidth_drain,
    .lingers = true,
    .close = bandwidth_close,
};

static bool bandwidth_shares(const void *cfg)
{
	return ((const struct bandwidth *)cfg)->shared;
}

const struct impairment bandwidth_impairment = {
    .name = "bandwidth",
    .keeps_bytes = true,
    .summary = "limits the rate, of each flow or of the whole proxy",
    .impersonates = "the host that sends the bytes, which has no more of them to send; to their "
		    "sender a receiver that reads slowly",
    .doc = "Payload passes at the rate, in pieces of 2 ms (at slow rates: of a segment or 10 ms, "
	   "whichever is less): each leaves when the last of its bytes would have left a link of "
	   "that rate. The mean is exact; wedge served late by the machine catches up at most a "
	   "quarter faster than the rate. After a time of rest up to burst bytes pass at once.\n\n"
	   "With shared, all flows of the proxy on which it acts take turns, piece by piece, so "
	   "that each has an equal part.\n\n"
	   "Little is kept, some 20 ms of the rate and what was read at once: the source isn't "
	   "read while there is enough, and so the back-pressure reaches the sender. Behind a "
	   "latency as much may queue as the buffer of that one allows; a bandwidth before a "
	   "latency keeps its queue short. The FIN or RST follows its bytes at once.\n\n"
	   "When it is changed, the new rate counts from the next piece on. When it is disabled "
	   "or removed, what is kept passes at once. Nothing is lost.",
    .params = params,
    .cfg_size = sizeof(struct bandwidth),
    .stream = &ops,
    .shared_size = sizeof(struct line),
    .shares = bandwidth_shares,
    .shared_init = bandwidth_shared_init,
    .shared_fini = bandwidth_shared_fini,
    .example = "bandwidth{rate=1MB/s}",
};
