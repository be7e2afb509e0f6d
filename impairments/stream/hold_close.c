/* hold_close.c - swallows the end of the stream: bytes pass, the FIN never comes. */
#include "impairments/impairment.h"

struct hold_close {
	bool swallow_rst;
};

static const struct param params[] = {
    P_FLAG("swallow_rst", struct hold_close, swallow_rst, .def = "false",
	   .help = "an RST isn't passed on either; else it is, at once"),
    P_END,
};

static bool is_swallowed(const struct stage *st, enum flow_end end)
{
	const struct hold_close *cfg = st->cfg;

	return end == END_FIN || cfg->swallow_rst;
}

static void hold_close_end(struct stage *st, enum flow_end end)
{
	if (is_swallowed(st, end))
		stage_event(st, "end_held", "s:s", "end", end == END_FIN ? "fin" : "rst");
	else
		stage_pass_end(st, end);
}

/* A held RST goes on when RSTs are no longer swallowed. */
static void hold_close_update(struct stage *st)
{
	if (st->end_in == END_NONE || st->end_out != END_NONE || is_swallowed(st, st->end_in))
		return;
	stage_event(st, "end_passed", NULL);
	stage_pass_end(st, st->end_in);
}

static void hold_close_drain(struct stage *st)
{
	if (st->end_in == END_NONE || st->end_out != END_NONE)
		return;
	stage_event(st, "end_passed", NULL);
	stage_pass_end(st, st->end_in);
}

static const struct stage_ops ops = {
    .open = stage_default_open,
    .data = stage_default_data,
    .end = hold_close_end,
    .timer = stage_default_timer,
    .update = hold_close_update,
    .drain = hold_close_drain,
    .close = stage_default_close,
};

const struct impairment hold_close_impairment = {
    .name = "hold_close",
    .forwarded = "fin_swallow",
    .summary = "the FIN never comes: a service stuck in stopping",
    .impersonates = "the application that should close, and never does",
    .doc = "Bytes pass at once. The FIN of the given direction is never passed on. Wedge's kernel "
	   "acknowledges it, so its sender stays in FIN_WAIT2 (Linux forgets an orphaned one after "
	   "tcp_fin_timeout, 60 s); the other end learns nothing, and its side of the session "
	   "stays open. With swallow_rst an RST isn't passed on either: the leg that sent it is "
	   "gone, the other one stands; bytes that come on it are no longer read.\n\n"
	   "Such a session ends when its other end resets it, or with wedge: until then it uses "
	   "its descriptors, as on a service that never stops.\n\n"
	   "When it is changed to pass RSTs, a held RST goes on at once; a held FIN stays. When it "
	   "is disabled or removed, the held end goes on at once. No byte is held or lost.",
    .params = params,
    .cfg_size = sizeof(struct hold_close),
    .stream = &ops,
    .window = IMPAIR_WINDOW_HOLDS,
    .example = "hold_close{direction=upstream}",
};
