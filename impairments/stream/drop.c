/* drop.c - eats bytes: their sender has the acknowledgement, and they never arrive. */
#include "impairments/impairment.h"

#include <event2/buffer.h>

static const struct param params[] = {
    P_END,
};

static void drop_data(struct stage *st, struct evbuffer *buf)
{
	size_t n = evbuffer_get_length(buf);

	evbuffer_drain(buf, n);
	stage_eat(st, n, "dropped");
}

static const struct stage_ops ops = {
    .open = stage_default_open,
    .data = drop_data,
    .end = stage_default_end,
    .timer = stage_default_timer,
    .update = stage_default_update,
    .drain = stage_default_drain,
    .close = stage_default_close,
};

const struct impairment drop_impairment = {
    .name = "drop",
    .forwarded = "loss",
    .summary = "eats bytes: a range of them, or everything from a point on",
    .impersonates = "a broken driver, or a proxy, that acknowledges bytes and loses them",
    .doc = "Every byte that comes while it acts is read, acknowledged to its sender and thrown "
	   "away. Which bytes those are, is said by the window it acts in, exactly to the byte: "
	   "after=10KB,for=5KB eats the 5,000 bytes that follow the first 10,000. Bytes before "
	   "and after close up, so the receiver sees a stream with a hole and no sign of it. The "
	   "FIN or RST passes. The journal has each loss.\n\n"
	   "It keeps nothing: when it is disabled or removed, the next byte passes; what is eaten "
	   "is gone. There is nothing to change.",
    .params = params,
    .stream = &ops,
    .example = "drop{direction=downstream,after=10KB,for=5KB}",
};
