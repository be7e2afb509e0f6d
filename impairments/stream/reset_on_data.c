/* reset_on_data.c - waits until something comes, and then resets both connections, at once or
 * later. */
#include "impairments/impairment.h"
#include "impairments/stream/parts/hold.h"

#include <jansson.h>

struct reset_on_data {
	int64_t delay;
};

static const struct param params[] = {
    P_DURATION("delay", struct reset_on_data, delay, .def = "0", .max = "1d",
	       .help = "from the first byte, or the end, to the RSTs"),
    P_END,
};

struct state {
	struct hold hold;
	bool came; /* a byte, or the end */
	int64_t at;
};

static void begin_delay(struct stage *st)
{
	const struct reset_on_data *cfg = st->cfg;
	struct state *s = stage_state(st);

	if (s->came)
		return;
	s->came = true;
	s->at = stage_now(st);
	stage_arm(st, s->at + cfg->delay);
}

static void reset_on_data_data(struct stage *st, struct evbuffer *buf)
{
	struct state *s = stage_state(st);

	hold_take(st, &s->hold, buf);
	begin_delay(st);
}

/* The end is held: the core has it. */
static void reset_on_data_end(struct stage *st, enum flow_end end)
{
	(void)end;
	begin_delay(st);
}

static void reset_on_data_timer(struct stage *st, int64_t now)
{
	char why[96];

	(void)now;
	snprintf(why, sizeof(why), "%s: something has come", st->name);
	for (enum leg leg = 0; leg < LEG_COUNT; leg++)
		stage_reset(st, leg, false, why);
}

static void reset_on_data_update(struct stage *st)
{
	const struct reset_on_data *cfg = st->cfg;
	struct state *s = stage_state(st);

	if (s->came)
		stage_arm(st, s->at + cfg->delay);
}

static void reset_on_data_drain(struct stage *st)
{
	struct state *s = stage_state(st);

	s->came = false;
	hold_pass_all(st, &s->hold);
}

static void reset_on_data_close(struct stage *st)
{
	struct state *s = stage_state(st);

	hold_free(&s->hold);
}

static const struct stage_ops ops = {
    .state_size = sizeof(struct state),
    .open = stage_default_open,
    .data = reset_on_data_data,
    .end = reset_on_data_end,
    .timer = reset_on_data_timer,
    .update = reset_on_data_update,
    .drain = reset_on_data_drain,
    .close = reset_on_data_close,
};

const struct impairment reset_on_data_impairment = {
    .name = "reset_on_data",
    .forwarded = "rst_inject",
    .summary = "RST to both ends once something has come, at once or a while later",
    .impersonates = "a host behind which no application wants the bytes any more",
    .doc =
	"Until the first byte, or the end, of its direction has come while it acts, nothing "
	"happens: an idle connection stays. What comes is read and held, and goes no further. "
	"After "
	"the delay both ends get an RST, and what was held is lost. reset does so without waiting "
	"for a byte, or behind what has been delivered.\n\n"
	"When it is changed, a delay under way is counted anew from what began it. When it is "
	"disabled or removed before the RSTs, what is held goes on, in order, the end too, and "
	"nothing is reset; a connection that was reset stays so.",
    .params = params,
    .cfg_size = sizeof(struct reset_on_data),
    .stream = &ops,
    .window = IMPAIR_WINDOW_HOLDS,
    .example = "reset_on_data{direction=upstream}",
};
