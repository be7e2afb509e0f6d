/* latency.c - delays every byte and the end, by a time that may vary, in order. */
#include "impairments/impairment.h"
#include "impairments/stream/parts/hold.h"

#include "proxy/base/dist.h"
#include "proxy/base/ring.h"

#include <event2/buffer.h>
#include <jansson.h>
#include <string.h>

#define LINE_RATE  125000000.0		 /* bytes per second: 1 Gbit/s */
#define BUFFER_MIN (256u << 10)		 /* what a flow may hold anyway */
#define BUFFER_MAX (UINT64_C(256) << 20) /* most bytes of the default buffer */
#define CHUNKS_MAX (1u << 20)

struct latency {
	int64_t delay, jitter;
	int distribution;
	double shape;
	char *file;
	uint64_t buffer;
	bool clamps, delays_end;
};

static const char *const distribution_names[] = {"constant", "uniform",	 "normal",
						 "pareto",   "recorded", NULL};

static const struct param params[] = {
    P_DURATION("delay", struct latency, delay, .def = "100ms", .min = "0", .max = "1h",
	       .help =
		   "how much later everything comes: constant's only value, the mean of uniform "
		   "and normal, the least of pareto"),
    P_DURATION("jitter", struct latency, jitter, .def = "0", .min = "0", .max = "1h",
	       .help = "half the width of uniform, the standard deviation of normal, the mean "
		       "excess of pareto"),
    P_ENUM("distribution", struct latency, distribution, distribution_names, .def = "uniform",
	   .help = "how the delay varies from one chunk to the next, with a jitter"),
    P_NUMBER("shape", struct latency, shape, .def = "3", .min = "1.1", .max = "100",
	     .needs = "distribution", .help = "of pareto: the smaller, the heavier is its tail"),
    P_TEXT("file", struct latency, file, .def = "",
	   .help =
	       "of recorded: a regular file with one delay and its unit a line, at most 100,000; "
	       "each is as likely"),
    P_SIZE("buffer", struct latency, buffer, .def = "0", .max = "1GiB",
	   .help = "bytes that may be on their way in one flow before the source isn't read, at "
		   "least 256KiB; 0 is the delay at 1 Gbit/s, at most 256MiB"),
    P_FLAG("clamps", struct latency, clamps, .def = "no",
	   .help = "of uniform: the jitter may be above the delay, and what would be early has no "
		   "delay"),
    P_FLAG("delays_end", struct latency, delays_end, .def = "yes",
	   .help = "no: the FIN or RST has no delay of its own, and waits for the bytes before it "
		   "alone"),
    P_END,
};

/* Bytes that came together; the end is a chunk without bytes. */
struct chunk {
	int64_t arrived, due;
	size_t len;
	bool outside; /* it has no delay: only the order holds it */
};

struct state {
	struct hold hold;
	struct ring chunks;
	bool limited; /* the buffer has been full, which the journal has */
};

static struct dist dist_of(const struct latency *cfg, const struct recorded *recorded)
{
	return (struct dist){.kind = (enum dist_kind)cfg->distribution,
			     .delay = cfg->delay,
			     .jitter = cfg->jitter,
			     .shape = cfg->shape,
			     .clamps = cfg->clamps,
			     .recorded = recorded};
}

static int latency_check(const void *config, struct err *e)
{
	const struct latency *cfg = config;
	struct dist d = dist_of(cfg, NULL);
	struct recorded r = {0};

	if (cfg->buffer && cfg->buffer < BUFFER_MIN)
		return err_set(e, "buffer must be at least 256KiB, or 0 for the default");
	if (dist_check(&d, e) == -1)
		return -1;
	if (cfg->clamps && cfg->distribution != DIST_UNIFORM)
		return err_set(e, "clamps has no effect without distribution=uniform");
	if (cfg->distribution != DIST_RECORDED)
		return cfg->file[0] ? err_set(e, "file needs distribution=recorded") : 0;
	if (!cfg->file[0])
		return err_set(e, "distribution=recorded needs a file");
	if (recorded_load(&r, cfg->file, e) == -1)
		return err_wrap(e, "file");
	recorded_fini(&r);
	return 0;
}

static size_t buffer_bytes(const struct stage *st)
{
	const struct latency *cfg = st->cfg;
	struct dist d = dist_of(cfg, st->shared);
	double bytes = clock_seconds(dist_long(&d)) * LINE_RATE;

	if (cfg->buffer)
		return (size_t)cfg->buffer;
	if (bytes >= (double)BUFFER_MAX)
		return (size_t)BUFFER_MAX;
	return bytes > BUFFER_MIN ? (size_t)bytes : BUFFER_MIN;
}

static struct chunk *chunk_at(struct state *s, size_t i)
{
	return ring_at(&s->chunks, i, sizeof(struct chunk));
}

static int64_t due_from(struct stage *st, int64_t arrived)
{
	struct dist d = dist_of(st->cfg, st->shared);

	return arrived + dist_sample(&d, &st->rng);
}

/* A chunk that is due before the one ahead of it leaves together with that. */
static void append_chunk(struct stage *st, size_t len, bool delayed)
{
	struct state *s = stage_state(st);
	int64_t now = stage_now(st), due = delayed ? due_from(st, now) : now;

	*(struct chunk *)ring_add(&s->chunks, sizeof(struct chunk)) =
	    (struct chunk){.arrived = now, .due = due, .len = len, .outside = !delayed};
	if (s->chunks.n == 1)
		stage_arm(st, due);
}

/* A full buffer makes the source wait, which limits the rate though nobody asked for it. */
static void journal_limit(struct stage *st)
{
	struct state *s = stage_state(st);

	if (s->chunks.n >= CHUNKS_MAX)
		stage_pause(st);
	else if (s->limited || flow_room(st->flow) || st->held < st->room / 2)
		return;
	if (!s->limited)
		stage_event(st, "limited", "s:I, s:I", "kept", (json_int_t)st->held, "buffer",
			    (json_int_t)buffer_bytes(st));
	s->limited = true;
}

/* Loads the file when the path is new. latency_check has read it already; if the file has vanished
 * since, the delays before stay. */
static void reload_file(struct recorded *r, const struct latency *cfg, const struct log *log)
{
	struct err e = {""};

	if (cfg->distribution != DIST_RECORDED || (r->path && strcmp(r->path, cfg->file) == 0))
		return;
	if (recorded_load(r, cfg->file, &e) == -1)
		log_warn(log, "latency: %s", e.text);
}

static void latency_open(struct stage *st)
{
	reload_file(st->shared, st->cfg, st->flow->env->log);
	stage_need_room(st, buffer_bytes(st));
}

static void latency_data(struct stage *st, struct evbuffer *buf)
{
	struct state *s = stage_state(st);

	append_chunk(st, evbuffer_get_length(buf), !st->outside);
	hold_take(st, &s->hold, buf);
	journal_limit(st);
}

static void latency_end(struct stage *st, enum flow_end end)
{
	const struct latency *cfg = st->cfg;
	struct state *s = stage_state(st);

	if (cfg->delays_end || s->chunks.n)
		append_chunk(st, 0, cfg->delays_end && !st->outside);
	else
		stage_pass_end(st, end);
}

/* Passes what is due by now, the end after its bytes. */
static void release_due(struct stage *st, int64_t now)
{
	struct state *s = stage_state(st);
	size_t bytes = 0;

	while (s->chunks.n && chunk_at(s, 0)->due <= now) {
		bytes += chunk_at(s, 0)->len;
		ring_drop(&s->chunks, 1);
	}
	if (s->chunks.n)
		stage_arm(st, chunk_at(s, 0)->due);
	else
		stage_disarm(st);
	if (s->chunks.n <= CHUNKS_MAX / 2)
		stage_resume(st);
	hold_pass(st, &s->hold, bytes);
	if (!s->chunks.n && st->end_in != END_NONE)
		stage_pass_end(st, st->end_in);
}

/* Times anew what is on its way, from when it came. */
static void latency_update(struct stage *st)
{
	struct state *s = stage_state(st);

	reload_file(st->shared, st->cfg, st->flow->env->log);
	stage_need_room(st, buffer_bytes(st));
	s->limited = false;
	for (size_t i = 0; i < s->chunks.n; i++) {
		struct chunk *c = chunk_at(s, i);

		c->due = c->outside ? c->arrived : due_from(st, c->arrived);
	}
	if (s->chunks.n)
		stage_arm(st, chunk_at(s, 0)->due);
}

static void latency_drain(struct stage *st)
{
	if (((struct state *)stage_state(st))->chunks.n)
		release_due(st, INT64_MAX);
}

static void latency_close(struct stage *st)
{
	struct state *s = stage_state(st);

	hold_free(&s->hold);
	ring_fini(&s->chunks);
}

static void latency_shared_init(void *shared, const struct env *env, const void *cfg)
{
	reload_file(shared, cfg, env->log);
}

static void latency_shared_fini(void *shared)
{
	recorded_fini(shared);
}

static const struct stage_ops ops = {
    .state_size = sizeof(struct state),
    .open = latency_open,
    .data = latency_data,
    .end = latency_end,
    .timer = release_due,
    .update = latency_update,
    .drain = latency_drain,
    .lingers = true,
    .close = latency_close,
};

/* Sessions share the recorded delays, and only read them. */
static bool latency_shares(const void *cfg)
{
	(void)cfg;
	return false;
}

static bool latency_draws(const void *config)
{
	const struct latency *cfg = config;

	return cfg->jitter || cfg->distribution == DIST_RECORDED;
}

const struct impairment latency_impairment = {
    .name = "latency",
    .draws = latency_draws,
    .keeps_bytes = true,
    .forwarded = "delay",
    .summary = "delays bytes and the end of the stream, with jitter; order is kept",
    .impersonates = "the application behind the bytes, which has them later; on the wire to their "
		    "receiver a host that thinks before it speaks",
    .doc = "Everything that wedge reads at once is written on after a delay, the FIN or RST too. "
	   "Each such chunk has a delay of its own, drawn from the distribution; since order is "
	   "kept, a long delay also holds what comes behind it. Nothing is ever early. The "
	   "segments on either leg are acknowledged at once: the round-trip time that the kernels "
	   "measure doesn't change, the one that the applications see does.\n\n"
	   "Bytes on their way are held in memory. When they reach the buffer, the source isn't "
	   "read until half of them have left; the journal then says limited, since that is a "
	   "limit to the rate. Two latencies in one flow have the sum of their buffers.\n\n"
	   "When it is changed, what is on its way is timed anew, from when it came; with a "
	   "shorter delay it may be due at once. When it is disabled or removed, what is on its "
	   "way goes on at once, in order, the end too. Nothing is lost.",
    .params = params,
    .cfg_size = sizeof(struct latency),
    .check = latency_check,
    .stream = &ops,
    .shared_size = sizeof(struct recorded),
    .shares = latency_shares,
    .shared_init = latency_shared_init,
    .shared_fini = latency_shared_fini,
    .example = "latency{delay=100ms,jitter=20ms,distribution=normal}",
};
