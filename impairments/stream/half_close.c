/* half_close.c - ends one direction with FIN: its receiver sees the end, and the other direction
 * stays open. */
#include "impairments/impairment.h"

#include <event2/buffer.h>

enum later { LATER_EAT, LATER_HOLD, LATER_RESET };

struct half_close {
	int later;
};

static const char *const later_names[] = {"eat", "hold", "reset", NULL};

static const struct param params[] = {
    P_ENUM("later", struct half_close, later, later_names, .def = "eat",
	   .help = "what the sender's later bytes meet: they are read and thrown away; they aren't "
		   "read, up to a zero window; or RST, as from a closed socket"),
    P_END,
};

static void set_reading(struct stage *st)
{
	const struct half_close *cfg = st->cfg;

	if (cfg->later == LATER_HOLD)
		stage_pause(st);
	else
		stage_resume(st);
	stage_refuse(st, cfg->later == LATER_RESET);
}

static void half_close_open(struct stage *st)
{
	const struct half_close *cfg = st->cfg;

	if (st->end_out != END_NONE)
		return;
	stage_event(st, "half_close", "s:s", "later", later_names[cfg->later]);
	stage_pass_end(st, END_FIN);
	set_reading(st);
}

/* A sender that has ended sends no later bytes, so there is nothing to change. */
static void half_close_update(struct stage *st)
{
	if (st->end_in == END_NONE)
		set_reading(st);
}

static void half_close_drain(struct stage *st)
{
	stage_refuse(st, false);
}

static const struct stage_ops ops = {
    .open = half_close_open,
    .data = stage_default_data,
    .end = stage_default_end,
    .timer = stage_default_timer,
    .update = half_close_update,
    .drain = half_close_drain,
    .close = stage_default_close,
};

const struct impairment half_close_impairment = {
    .name = "half_close",
    .summary = "FIN in one direction only; the other stays open",
    .impersonates = "the application that closes one direction too early",
    .doc = "When it begins to act, the receiver of its direction gets a FIN behind the bytes that "
	   "have passed so far, while the sender learns nothing and the other direction goes on "
	   "for as long as both ends like: the state that a shutdown of the write side makes, and "
	   "that many programs take for the end of the whole connection (RFC 9293 section 3.6).\n\n"
	   "What the sender still sends is treated as later says. With eat the journal tells how "
	   "much it was when the session ends. With hold the sender meets a zero window. With "
	   "reset its first later byte is answered by RST; the receiver gets one when it sends.\n\n"
	   "It keeps nothing. A FIN can't be taken back: when it is disabled or removed, later "
	   "bytes are read and eaten; a changed later counts for the next ones.",
    .params = params,
    .cfg_size = sizeof(struct half_close),
    .stream = &ops,
    .example = "half_close{direction=downstream,after=10KB}",
};
