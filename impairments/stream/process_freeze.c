/* process_freeze.c - lets all sessions of the proxy run and pause together, in slices, while the
 * kernel below them goes on: a process that is stopped for a while. */
#include "impairments/impairment.h"
#include "impairments/parts/slices.h"
#include "impairments/stream/parts/hold.h"
#include "impairments/stream/parts/stage_group.h"

struct process_freeze {
	struct slices_config slices;
};

static const struct param params[] = {
    SLICES_PARAMS(struct process_freeze),
    P_END,
};

struct shared {
	struct slices clock;
	struct stage_group members;
};

struct state {
	struct stage_group_member member;
	struct hold hold;
};

static int freeze_check(const void *config, struct err *e)
{
	return slices_check(&((const struct process_freeze *)config)->slices, e);
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

static void turned_cb(void *arg, int64_t now)
{
	struct shared *sh = arg;

	(void)now;
	stage_group_each(&sh->members, sh->clock.frozen ? pause_flow : resume_flow, NULL);
}

static void freeze_open(struct stage *st)
{
	const struct process_freeze *cfg = st->cfg;
	struct state *s = stage_state(st);
	struct shared *sh = st->shared;

	slices_join(&sh->clock, &cfg->slices, st->name, st->index);
	stage_group_add(&sh->members, &s->member, st);
	if (sh->clock.frozen)
		stage_pause(st);
}

static void freeze_data(struct stage *st, struct evbuffer *buf)
{
	struct state *s = stage_state(st);
	struct shared *sh = st->shared;

	if (sh->clock.frozen)
		hold_take(st, &s->hold, buf);
	else
		stage_pass(st, buf);
}

static void freeze_end(struct stage *st, enum flow_end end)
{
	struct shared *sh = st->shared;

	if (!sh->clock.frozen)
		stage_pass_end(st, end);
}

static void freeze_update(struct stage *st)
{
	struct shared *sh = st->shared;

	sh->clock.config = ((const struct process_freeze *)st->cfg)->slices;
}

static void leave_group(struct stage *st)
{
	struct state *s = stage_state(st);
	struct shared *sh = st->shared;

	if (!s->member.stage)
		return;
	stage_group_remove(&s->member);
	slices_leave(&sh->clock);
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

	slices_init(&sh->clock, env, &((const struct process_freeze *)cfg)->slices, turned_cb, sh);
}

static void freeze_shared_fini(void *shared)
{
	slices_fini(&((struct shared *)shared)->clock);
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

const struct impairment process_freeze_impairment = {
    .name = "process_freeze",
    .forwarded = "freeze",
    .summary = "all sessions stop together, in slices, and the kernel goes on: a stopped process",
    .impersonates = "a host's processes, which are stopped while its kernel goes on acknowledging",
    .doc = "All sessions of the proxy run for a while, then nothing is read or written in "
	   "either direction of any of them, then what has come meanwhile goes on at once, in "
	   "order, FIN and RST too: a process that collects its garbage, or is stopped. The "
	   "host below it lives: the kernel goes on completing handshakes, acknowledging until "
	   "the receive buffers are full, and sending what it has been given before. A host "
	   "that is frozen whole is freeze, which needs the packet plane; this one needs no "
	   "privilege, and was called freeze before. Pauses begin and end for all sessions on "
	   "one clock, which starts with the first session; a late timer doesn't shift those "
	   "after it. With pareto, pauses vary around the mean with a heavy tail, cut at "
	   "longest.\n\n"
	   "It acts on both directions. The journal tells each pause. When it is changed, the "
	   "slice that runs ends as planned, and the next one has the new length. When it is "
	   "disabled or removed, what is held goes on at once, in order, the end too. Nothing "
	   "is lost.",
    .params = params,
    .cfg_size = sizeof(struct process_freeze),
    .check = freeze_check,
    .stream = &ops,
    .window = IMPAIR_WINDOW_HOLDS,
    .shared_size = sizeof(struct shared),
    .shared_init = freeze_shared_init,
    .shared_fini = freeze_shared_fini,
    .both_flows = true,
    .example = "process_freeze{run=30ms,pause=30ms}",
    .idle = SLICES_IDLE,
};
