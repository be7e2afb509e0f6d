/* slow_close.c - delays the FIN: bytes pass at once, the end of the stream waits. */
#include "impairments/impairment.h"

#include <jansson.h>

struct slow_close {
	int64_t delay;
};

static const struct param params[] = {
    P_DURATION("delay", struct slow_close, delay, .def = "5s", .min = "0", .max = "1d",
	       .help = "how much later than it came the FIN goes on"),
    P_END,
};

struct state {
	bool waiting;
	int64_t came;
};

static void pass_fin(struct stage *st, int64_t now)
{
	struct state *s = stage_state(st);

	s->waiting = false;
	stage_event(st, "end_passed", "s:f", "held", clock_seconds(now - s->came));
	stage_pass_end(st, END_FIN);
}

static void slow_close_end(struct stage *st, enum flow_end end)
{
	const struct slow_close *cfg = st->cfg;
	struct state *s = stage_state(st);

	if (end == END_RST) {
		stage_pass_end(st, end);
		return;
	}
	s->waiting = true;
	s->came = stage_now(st);
	stage_event(st, "end_held", "s:f", "for", clock_seconds(cfg->delay));
	stage_arm(st, s->came + cfg->delay);
}

static void slow_close_update(struct stage *st)
{
	const struct slow_close *cfg = st->cfg;
	struct state *s = stage_state(st);

	if (s->waiting)
		stage_arm(st, s->came + cfg->delay);
}

static void slow_close_drain(struct stage *st)
{
	struct state *s = stage_state(st);

	if (s->waiting)
		pass_fin(st, stage_now(st));
}

static const struct stage_ops ops = {
    .state_size = sizeof(struct state),
    .open = stage_default_open,
    .data = stage_default_data,
    .end = slow_close_end,
    .timer = pass_fin,
    .update = slow_close_update,
    .drain = slow_close_drain,
    .lingers = true,
    .close = stage_default_close,
};

const struct impairment slow_close_impairment = {
    .name = "slow_close",
    .summary = "the FIN comes late: a service that takes its time to stop",
    .impersonates = "the application that should close, and takes its time",
    .doc = "Bytes pass at once. The FIN of the given direction waits for the delay and then goes "
	   "on. The sender's own FIN is acknowledged by wedge's kernel when it comes, so the "
	   "sender is in FIN_WAIT2 meanwhile. An RST passes at once.\n\n"
	   "When it is changed, a FIN that waits is timed anew from when it came; with a shorter "
	   "delay it may go at once. When it is disabled or removed, it goes on at once. No byte "
	   "is held or lost.",
    .params = params,
    .cfg_size = sizeof(struct slow_close),
    .stream = &ops,
    .window = IMPAIR_WINDOW_END,
    .example = "slow_close{direction=downstream,delay=10s}",
};
