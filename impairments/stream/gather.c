/* gather.c - lets nothing pass until enough bytes have come, or the end: a middlebox that inspects
 * the beginning of a stream. */
#include "impairments/impairment.h"
#include "impairments/stream/parts/hold.h"

#include <event2/buffer.h>
#include <jansson.h>

#define ROOM (64u << 10) /* bytes that a flow may hold besides the gathered ones */

struct gather {
	uint64_t bytes;
	int64_t timeout;
};

static const struct param params[] = {
    P_SIZE("bytes", struct gather, bytes, .def = "4KiB", .min = "1", .max = "64MiB",
	   .help = "how many must have come before the first passes"),
    P_DURATION("timeout", struct gather, timeout, .def = "0", .max = "1d",
	       .help = "pass on what there is so long after the first byte; 0: never"),
    P_END,
};

struct state {
	struct hold hold;
	int64_t began; /* when the first byte came */
	bool released;
};

static void release_held(struct stage *st, const char *why)
{
	struct state *s = stage_state(st);

	stage_disarm(st);
	s->released = true;
	stage_event(st, "gathered", "s:I, s:s", "bytes", (json_int_t)st->held, "why", why);
	hold_pass_all(st, &s->hold);
}

static void gather_open(struct stage *st)
{
	const struct gather *cfg = st->cfg;
	struct state *s = stage_state(st);

	s->released = false;
	stage_need_room(st, (size_t)cfg->bytes + ROOM);
}

static void arm_timeout(struct stage *st)
{
	const struct gather *cfg = st->cfg;
	struct state *s = stage_state(st);

	if (cfg->timeout)
		stage_arm(st, s->began + cfg->timeout);
	else
		stage_disarm(st);
}

static void gather_data(struct stage *st, struct evbuffer *buf)
{
	const struct gather *cfg = st->cfg;
	struct state *s = stage_state(st);

	if (s->released) {
		stage_pass(st, buf);
		return;
	}
	if (!st->held) {
		s->began = stage_now(st);
		arm_timeout(st);
	}
	hold_take(st, &s->hold, buf);
	if (st->held >= cfg->bytes)
		release_held(st, "bytes");
}

static void gather_full(struct stage *st)
{
	struct state *s = stage_state(st);

	if (!s->released && st->held)
		release_held(st, "there is no memory for more");
}

static void gather_end(struct stage *st, enum flow_end end)
{
	struct state *s = stage_state(st);

	if (!s->released)
		release_held(st, "end");
	stage_pass_end(st, end);
}

static void gather_timer(struct stage *st, int64_t now)
{
	(void)now;
	release_held(st, "timeout");
}

static void gather_update(struct stage *st)
{
	const struct gather *cfg = st->cfg;
	struct state *s = stage_state(st);

	if (s->released)
		return;
	stage_need_room(st, (size_t)cfg->bytes + ROOM);
	if (st->held >= cfg->bytes)
		release_held(st, "bytes");
	else if (st->held)
		arm_timeout(st);
}

static void gather_drain(struct stage *st)
{
	struct state *s = stage_state(st);

	hold_pass_all(st, &s->hold);
}

static void gather_close(struct stage *st)
{
	struct state *s = stage_state(st);

	hold_free(&s->hold);
}

static const struct stage_ops ops = {
    .state_size = sizeof(struct state),
    .open = gather_open,
    .data = gather_data,
    .end = gather_end,
    .timer = gather_timer,
    .update = gather_update,
    .drain = gather_drain,
    .close = gather_close,
    .full = gather_full,
};

const struct impairment gather_impairment = {
    .name = "gather",
    .keeps_bytes = true,
    .summary = "passes nothing until so many bytes or the end have come: an inspecting middlebox",
    .impersonates = "a middlebox between the hosts, which inspects the beginning of a stream "
		    "before it lets any of it on",
    .doc =
	"The first bytes are kept until as many as bytes says have come, or the FIN or RST, or "
	"the timeout has passed since the first. Then all of them pass at once and everything "
	"after them goes by untouched. A message that is shorter, from a sender that then "
	"waits for the answer, never passes: both ends wait. The source's bytes are "
	"acknowledged all the while. When what all sessions hold reaches its bound (--hold-limit), "
	"what is kept passes too, and the journal says so.\n\n"
	"When it is changed, what is kept is judged by the new bytes and the new timeout, from "
	"the same first byte; once it has let go, a change has no effect. When it is disabled "
	"or removed, what is kept passes at once; when it begins to act again, it gathers "
	"again. Nothing is lost.",
    .params = params,
    .cfg_size = sizeof(struct gather),
    .stream = &ops,
    .example = "gather{direction=upstream,bytes=16KiB}",
};
