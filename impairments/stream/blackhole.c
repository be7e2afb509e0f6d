/* blackhole.c - eats every byte of a direction, and closes both connections when none has come for
 * a while, or when it goes itself. */
#include "impairments/impairment.h"

#include <event2/buffer.h>
#include <jansson.h>

struct blackhole {
	int64_t idle;
};

static const struct param params[] = {
    P_DURATION("idle", struct blackhole, idle, .def = "0", .max = "1d",
	       .help = "both connections are closed when for so long no byte of its direction has "
		       "come; 0: never"),
    P_END,
};

/* Each byte begins the time anew, and so does a change of it. */
static void begin_idle(struct stage *st)
{
	const struct blackhole *cfg = st->cfg;

	if (cfg->idle && st->end_out == END_NONE)
		stage_arm(st, stage_now(st) + cfg->idle);
	else
		stage_disarm(st);
}

static void close_both(struct stage *st, const char *why)
{
	if (st->end_out != END_NONE)
		return;
	stage_disarm(st);
	stage_event(st, "cut", "s:s, s:s", "sides", "both", "why", why);
	stage_pass_end(st, END_FIN);
	stage_finish_back(st);
}

static void blackhole_data(struct stage *st, struct evbuffer *buf)
{
	size_t n = evbuffer_get_length(buf);

	evbuffer_drain(buf, n);
	stage_eat(st, n, "into a black hole");
	begin_idle(st);
}

static void blackhole_end(struct stage *st, enum flow_end end)
{
	stage_disarm(st);
	stage_pass_end(st, end);
}

static void blackhole_timer(struct stage *st, int64_t now)
{
	(void)now;
	close_both(st, "nothing has come");
}

/* The receiver has a hole in its stream: no later byte can be of use. */
static void blackhole_drain(struct stage *st)
{
	close_both(st, "the bytes that it has eaten are lacking");
}

static const struct stage_ops ops = {
    .open = begin_idle,
    .data = blackhole_data,
    .end = blackhole_end,
    .timer = blackhole_timer,
    .update = begin_idle,
    .drain = blackhole_drain,
    .close = stage_default_close,
};

const struct impairment blackhole_impairment = {
    .name = "blackhole",
    .forwarded = "loss",
    .summary = "eats all bytes, and closes the connection when none has come for a while",
    .impersonates = "a middlebox that lets nothing through and gives up in the end",
    .doc =
	"Every byte of its direction is read, acknowledged to its sender and thrown away, so the "
	"sender sees success and the receiver silence. When for the time idle none has come, both "
	"sides get a FIN and the connections are closed; a byte begins that time anew. The other "
	"direction passes meanwhile. The sender's own FIN or RST passes at once.\n\n"
	"When it is changed, the idle time begins anew. When it is disabled or removed, or its "
	"window ends, the sessions on which it acted are closed likewise: their receivers lack "
	"bytes, so nothing that comes later could be understood. drop eats a range of bytes and "
	"lets the stream go on.",
    .params = params,
    .cfg_size = sizeof(struct blackhole),
    .stream = &ops,
    .example = "blackhole{direction=downstream,idle=1ms}",
};
