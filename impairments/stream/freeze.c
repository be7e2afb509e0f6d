/* freeze.c - lets all sessions of the proxy run and pause together, in slices: a host whose virtual
 * CPU is descheduled. One timer in the shared state stops and starts them all. */
#include "impairments/impairment.h"
#include "impairments/stream/parts/hold.h"
#include "impairments/stream/parts/stage_group.h"

#include <jansson.h>

enum distribution { CONSTANT, PARETO };

struct freeze {
	int64_t run, pause, longest;
	int distribution;
	double shape;
};

static const char *const distribution_names[] = {"constant", "pareto", NULL};

static const struct param params[] = {
    P_DURATION("run", struct freeze, run, .def = "30ms", .min = "1ms", .max = "1d",
	       .help = "how long the sessions run between two pauses"),
    P_DURATION("pause", struct freeze, pause, .def = "30ms", .min = "1ms", .max = "1h",
	       .help = "how long nothing moves: exactly (constant), or in the mean (pareto)"),
    P_ENUM("distribution", struct freeze, distribution, distribution_names, .def = "constant",
	   .help = "how the pauses vary: not, or with a heavy tail"),
    P_NUMBER("shape", struct freeze, shape, .def = "1.5", .min = "1.05", .max = "100",
	     .help = "of pareto: the smaller, the heavier is its tail"),
    P_DURATION("longest", struct freeze, longest, .def = "20s", .min = "1ms", .max = "1h",
	       .help = "of pareto: no pause is longer (20 s: pings of starved guests, VMware "
		       "310350)"),
    P_END,
};

struct shared {
	struct env env;
	struct freeze cfg; /* a copy: the timer runs on while the configuration is swapped */
	struct rng rng;
	struct timer timer;
	bool frozen;
	const char *name; /* of the instance, from the last stage that began to act */
	unsigned n;	  /* stages that act */
	struct stage_group members;
};

struct state {
	struct stage_group_member member;
	struct hold hold;
};

static int freeze_check(const void *config, struct err *e)
{
	const struct freeze *cfg = config;

	if (cfg->distribution == PARETO && cfg->longest < cfg->pause)
		return err_set(e, "longest must be at least pause");
	return 0;
}

/* A Pareto variable from 1 on has the mean shape / (shape - 1). */
static int64_t pause_length(struct shared *sh)
{
	const struct freeze *cfg = &sh->cfg;
	double least = (double)cfg->pause * (cfg->shape - 1) / cfg->shape, ns;

	if (cfg->distribution == CONSTANT)
		return cfg->pause;
	ns = least * rng_pareto(&sh->rng, cfg->shape);
	return ns < (double)cfg->longest ? (int64_t)ns : cfg->longest;
}

static void pause_flow(struct stage *st, void *arg)
{
	(void)arg;
	stage_pause(st);
}

static void resume_flow(struct stage *st, void *arg)
{
	struct state *s = stage_state(st);

	(void)arg;
	hold_pass_all(st, &s->hold);
	if (st->end_in != END_NONE && st->end_out == END_NONE)
		stage_pass_end(st, st->end_in);
	stage_resume(st);
}

/* The next slice begins when this one was due to end, so that lateness doesn't add up. */
static void slice_cb(void *arg, int64_t now)
{
	struct shared *sh = arg;
	int64_t length;

	(void)now;
	sh->frozen = !sh->frozen;
	length = sh->frozen ? pause_length(sh) : sh->cfg.run;
	timer_arm(sh->env.timers, &sh->timer, sh->timer.due + length);
	if (sh->frozen && sh->n)
		journal_event(sh->env.journal, "freeze", "s:s, s:f, s:I", "stage", sh->name, "for",
			      clock_seconds(length), "flows", (json_int_t)sh->n);
	stage_group_each(&sh->members, sh->frozen ? pause_flow : resume_flow, NULL);
}

static void freeze_open(struct stage *st)
{
	struct state *s = stage_state(st);
	struct shared *sh = st->shared;

	sh->cfg = *(const struct freeze *)st->cfg;
	if (!timer_armed(&sh->timer)) {
		sh->rng = rng_make(sh->env.seed, st->index, 0);
		timer_arm(sh->env.timers, &sh->timer, stage_now(st) + sh->cfg.run);
	}
	sh->name = st->name;
	sh->n++;
	stage_group_add(&sh->members, &s->member, st);
	if (sh->frozen)
		stage_pause(st);
}

static void freeze_data(struct stage *st, struct evbuffer *buf)
{
	struct state *s = stage_state(st);
	struct shared *sh = st->shared;

	if (sh->frozen)
		hold_take(st, &s->hold, buf);
	else
		stage_pass(st, buf);
}

static void freeze_end(struct stage *st, enum flow_end end)
{
	struct shared *sh = st->shared;

	if (!sh->frozen)
		stage_pass_end(st, end);
}

static void freeze_update(struct stage *st)
{
	struct shared *sh = st->shared;

	sh->cfg = *(const struct freeze *)st->cfg;
}

static void leave_group(struct stage *st)
{
	struct state *s = stage_state(st);
	struct shared *sh = st->shared;

	if (!s->member.stage)
		return;
	stage_group_remove(&s->member);
	sh->n--;
}

static void freeze_drain(struct stage *st)
{
	leave_group(st);
	resume_flow(st, NULL);
}

static void freeze_close(struct stage *st)
{
	struct state *s = stage_state(st);

	leave_group(st);
	hold_free(&s->hold);
}

static void freeze_shared_init(void *shared, const struct env *env, const void *cfg)
{
	struct shared *sh = shared;

	sh->env = *env;
	sh->cfg = *(const struct freeze *)cfg;
	sh->timer.fn = slice_cb;
	sh->timer.arg = sh;
}

static void freeze_shared_fini(void *shared)
{
	struct shared *sh = shared;

	timer_cancel(sh->env.timers, &sh->timer);
}

static const struct stage_ops ops = {
    .state_size = sizeof(struct state),
    .open = freeze_open,
    .data = freeze_data,
    .end = freeze_end,
    .timer = stage_default_timer,
    .update = freeze_update,
    .drain = freeze_drain,
    .close = freeze_close,
};

const struct impairment freeze_impairment = {
    .name = "freeze",
    .summary = "all sessions stop together, in slices: a descheduled virtual CPU",
    .doc =
	"All sessions of the proxy run for a while, then nothing is read or written in either "
	"direction of any of them, then what has come meanwhile goes on at once, in order, FIN "
	"and RST too: what a guest looks like that shares too few CPUs (2:1 with 30 ms "
	"slices). Wedge's kernel goes on acknowledging until the receive buffers are full, and "
	"sends what it has been given before. Pauses begin and end for all sessions on one "
	"clock, which starts with the first session; a late timer doesn't shift those after "
	"it. With pareto, pauses vary around the mean with a heavy tail, cut at longest.\n\n"
	"It acts on both directions. The journal tells each pause. When it is changed, the slice "
	"that runs ends as planned, and the next one has the new length. When it is disabled or "
	"removed, what is held goes on at once, in order, the end too. Nothing is lost.",
    .params = params,
    .cfg_size = sizeof(struct freeze),
    .check = freeze_check,
    .stream = &ops,
    .shared_size = sizeof(struct shared),
    .shared_init = freeze_shared_init,
    .shared_fini = freeze_shared_fini,
    .both_flows = true,
    .example = "freeze{run=30ms,pause=30ms}",
};
