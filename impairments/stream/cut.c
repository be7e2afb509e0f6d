/* cut.c - ends a stream with FIN before its sender does; the sender's later bytes are eaten. */
#include "impairments/impairment.h"

#include <event2/buffer.h>

enum sides { SIDES_ONE, SIDES_BOTH };

struct cut {
	int sides;
	bool on_data;
};

static const char *const sides_names[] = {"one", "both", NULL};

static const struct param params[] = {
    P_ENUM("sides", struct cut, sides, sides_names, .def = "one",
	   .help = "one: FIN to the receiver of its direction; both: to the sender too"),
    P_FLAG("on_data", struct cut, on_data, .def = "no",
	   .help = "it waits for the next byte, which it eats: a stream that is idle goes on"),
    P_END,
};

static void cut_stream(struct stage *st)
{
	const struct cut *cfg = st->cfg;

	if (st->end_out != END_NONE)
		return;
	stage_event(st, "cut", "s:s", "sides", sides_names[cfg->sides]);
	stage_pass_end(st, END_FIN);
	if (cfg->sides == SIDES_BOTH)
		stage_finish_back(st);
}

static void cut_open(struct stage *st)
{
	const struct cut *cfg = st->cfg;

	if (!cfg->on_data)
		cut_stream(st);
}

/* Only where it waits for them do bytes come to it. */
static void cut_data(struct stage *st, struct evbuffer *buf)
{
	size_t n = evbuffer_get_length(buf);

	evbuffer_drain(buf, n);
	stage_eat(st, n, "cut off");
	cut_stream(st);
}

static const struct stage_ops ops = {
    .open = cut_open,
    .data = cut_data,
    .end = stage_default_end,
    .timer = stage_default_timer,
    .update = cut_open,
    .drain = stage_default_drain,
    .close = stage_default_close,
};

const struct impairment cut_impairment = {
    .name = "cut",
    .summary = "ends the stream with FIN after so many bytes or messages, or after a time",
    .impersonates = "the application that sends the bytes, which ends too early",
    .doc =
	"When it begins to act, the receiver of its direction gets a FIN behind the bytes that "
	"have passed so far, exactly as many as its window says: a stream that is too short "
	"and ends in good order. What the sender still sends is read, acknowledged and eaten; "
	"the journal says how much when the session ends. The other direction goes on, unless "
	"sides=both: then the sender gets a FIN as well, behind what has been delivered to it, "
	"and what is still on its way to it is eaten; and both connections are closed: what either "
	"sends later is answered by an RST, as by the kernel of a process that has closed.\n\n"
	"With on_data it waits for the next byte, which is eaten like all that follow it; a stream "
	"in which nothing more comes is not cut.\n\n"
	"It keeps nothing. A FIN can't be taken back: once it has cut a session, changing, "
	"disabling or removing it has no effect on that one.",
    .params = params,
    .cfg_size = sizeof(struct cut),
    .stream = &ops,
    .example = "cut{direction=downstream,after=10KB}",
};
