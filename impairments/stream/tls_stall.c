/* tls_stall.c - a TLS handshake that stops and stays open: what would be said next never comes. */
#include "impairments/impairment.h"
#include "impairments/stream/hold.h"

#include <event2/buffer.h>
#include <jansson.h>

static const struct param params[] = {P_END};

struct state {
	struct hold hold;
};

static void stall_open(struct stage *st)
{
	stage_event(st, "stall", NULL);
}

static void stall_data(struct stage *st, struct evbuffer *buf)
{
	struct state *s = stage_state(st);

	hold_take(st, &s->hold, buf);
}

/* Kept like the bytes before it: the core has it in end_in. */
static void stall_end(struct stage *st, enum flow_end end)
{
	(void)st;
	(void)end;
}

/* The core passes the end on after this. */
static void stall_drain(struct stage *st)
{
	struct state *s = stage_state(st);

	stage_event(st, "stall_over", "s:I", "kept", (json_int_t)st->kept);
	hold_pass_all(st, &s->hold);
}

static void stall_close(struct stage *st)
{
	struct state *s = stage_state(st);

	hold_free(&s->hold);
}

static const struct stage_ops ops = {
    .state_size = sizeof(struct state),
    .open = stall_open,
    .data = stall_data,
    .end = stall_end,
    .timer = stage_default_timer,
    .update = stage_default_update,
    .drain = stall_drain,
    .close = stall_close,
};

const struct impairment tls_stall_impairment = {
    .name = "tls_stall",
    .summary = "a TLS handshake stops: what would be said next in its direction is kept back",
    .doc = "From the moment on at which it acts no TLS record passes in its direction, and no FIN "
	   "or RST; all are kept. The receiver sees silence in the middle of a handshake, on an "
	   "open connection: downstream and from the beginning on its ClientHello is never "
	   "answered, with after=N messages it has the server's first N handshake messages and "
	   "waits for the next.\n\n"
	   "Where TLS passes through wedge it acts on the records that pass, and the messages are "
	   "counted that stand in clear text. Where wedge itself speaks TLS with the receiver it "
	   "acts on what wedge says in that handshake, every message of it counts, those that are "
	   "encrypted too, and once the handshake is done it has no effect.\n\n"
	   "It holds for ever unless its window ends; there is nothing to change. When it is "
	   "disabled or removed, everything "
	   "kept passes at once, in order, the end too, and the handshake goes on. Nothing is "
	   "lost.",
    .params = params,
    .stream = &ops,
    .tls = IMPAIR_TLS_RECORDS,
    .framing = FRAMING_TLS_HANDSHAKE,
    .example = "tls_stall{direction=downstream,after=3 messages}",
};
