/* tls_stall.c - stops a TLS handshake and leaves it open: the next message never comes. */
#include "impairments/impairment.h"
#include "impairments/stream/parts/standstill.h"

#include <jansson.h>

static const struct param params[] = {P_END};

static void stall_open(struct stage *st)
{
	stage_note(st, "stall", NULL);
}

static const struct stage_ops ops = {
    .state_size = sizeof(struct standstill),
    .open = stall_open,
    .data = standstill_data,
    .end = standstill_end,
    .timer = stage_default_timer,
    .update = stage_default_update,
    .drain = standstill_drain,
    .ends_together = true,
    .close = standstill_close,
};

const struct impairment tls_stall_impairment = {
    .name = "tls_stall",
    .summary = "a TLS handshake stops: what would be said next in its direction is kept back",
    .impersonates = "the TLS library of the host that would speak next",
    .doc = "From the moment on at which it acts no TLS record passes in its direction, and no FIN "
	   "or RST; all are kept. The receiver sees silence in the middle of a handshake, on an "
	   "open connection: downstream and from the beginning on its ClientHello is never "
	   "answered, with after=N messages it has the server's first N handshake messages and "
	   "waits for the next.\n\n"
	   "Where TLS passes through wedge it acts on the records that pass, and the messages are "
	   "counted that stand in clear text. Where wedge itself speaks TLS with the receiver it "
	   "acts on what wedge says in that handshake, every message of it counts, those that are "
	   "encrypted too, and once the handshake is done it has no effect.\n\n"
	   "It holds until its window ends, or both sides have sent FIN: nobody waits any more "
	   "then, what is kept is dropped, and the connections end. There is nothing to change. "
	   "When it is disabled or removed before, everything kept passes at once, in order, the "
	   "end too, and the handshake goes on.",
    .params = params,
    .stream = &ops,
    .window = IMPAIR_WINDOW_HOLDS,
    .tls = IMPAIR_TLS_RECORDS,
    .framing = FRAMING_TLS_HANDSHAKE,
    .example = "tls_stall{direction=downstream,after=3 messages}",
};
