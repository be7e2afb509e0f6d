/* stall.c - holds all bytes, and back-pressure builds until the sender can send no more. */
#include "impairments/impairment.h"
#include "impairments/stream/parts/standstill.h"

#include <jansson.h>

#define WINDOW_MIN (4u << 10)

enum side { SIDE_READ, SIDE_WRITE };

struct stall {
	int side;
	uint64_t window;
};

static const char *const side_names[] = {"read", "write", NULL};

static const struct param params[] = {
    P_ENUM("side", struct stall, side, side_names, .def = "read",
	   .help = "read: the source isn't read any more; write: it is, and nothing is written on"),
    P_SIZE("window", struct stall, window, .def = "16KiB", .max = "64MiB",
	   .help =
	       "side=read: the receive buffer of the source's leg, from its first segment on, at "
	       "least 4KiB: the sender meets a zero window at the latest so many bytes later; "
	       "0: the kernel's own"),
    P_END,
};

static int stall_check(const void *config, struct err *e)
{
	const struct stall *cfg = config;

	if (cfg->window && cfg->window < WINDOW_MIN)
		return err_set(e, "window must be at least 4KiB, or 0 for the kernel's own");
	return 0;
}

/* A source that has ended isn't read anyway. */
static void set_reading(struct stage *st)
{
	const struct stall *cfg = st->cfg;

	if (cfg->side == SIDE_READ && st->end_out == END_NONE)
		stage_pause(st);
	else
		stage_resume(st);
}

static void stall_open(struct stage *st)
{
	const struct stall *cfg = st->cfg;

	stage_note(st, "stall", "s:s", "side", side_names[cfg->side]);
	set_reading(st);
}

static size_t stall_rcvbuf(const void *config)
{
	const struct stall *cfg = config;

	return cfg->side == SIDE_READ ? (size_t)cfg->window : 0;
}

static const struct stage_ops ops = {
    .state_size = sizeof(struct standstill),
    .open = stall_open,
    .data = standstill_data,
    .end = standstill_end,
    .timer = stage_default_timer,
    .update = set_reading,
    .drain = standstill_drain,
    .close = standstill_close,
};

const struct impairment stall_impairment = {
    .name = "stall",
    .forwarded = "vanish",
    .summary = "keeps the bytes back: the sender meets a zero window, the receiver silence",
    .impersonates = "the application that sends the bytes, which falls silent, and to their sender "
		    "one that doesn't read",
    .doc = "From the moment on at which it acts no byte passes, and no FIN or RST; all are kept. "
	   "The receiver sees silence on an open connection.\n\n"
	   "side=read is a host whose application doesn't read: the source's bytes are "
	   "acknowledged until the receive buffer is full, then it meets a true zero window. The "
	   "buffer has the size of window from the connection's beginning, so it also bounds the "
	   "window while nothing stalls. side=write is a relay that still reads, and writes "
	   "nothing on: the source's bytes are taken as far as a flow may hold (256 KiB), then "
	   "the kernel's receive buffer fills, then the window is zero.\n\n"
	   "It holds for ever unless its window ends. When side is changed, reading stops or goes "
	   "on; a changed window counts for new connections. When it is disabled or removed, "
	   "everything kept passes at once, in order, the end too, and reading goes on. Nothing "
	   "is lost.",
    .params = params,
    .cfg_size = sizeof(struct stall),
    .check = stall_check,
    .stream = &ops,
    .window = IMPAIR_WINDOW_HOLDS,
    .rcvbuf = stall_rcvbuf,
    .example = "stall{direction=downstream,side=read,after=10KB,for=30s}",
};
