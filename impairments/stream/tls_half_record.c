/* tls_half_record.c - lets only the first part of one TLS record arrive, then nothing. Reads record
 * headers (RFC 8446 section 5.1), which are never encrypted, and nothing else. */
#include "impairments/impairment.h"
#include "impairments/stream/parts/hold.h"
#include "impairments/stream/parts/record_place.h"
#include "proxy/base/byteorder.h"

#include <event2/buffer.h>
#include <jansson.h>

#define HEADER	   5
#define TYPE_FIRST 20 /* change_cipher_spec */
#define TYPE_LAST  24 /* heartbeat */

struct half_record {
	double part;
};

static const struct param params[] = {
    P_FRACTION("part", struct half_record, part, .def = "50%",
	       .help = "how much of the record's content arrives, besides its header"),
    P_END,
};

struct state {
	struct hold hold;
	size_t left;		   /* bytes that still pass */
	struct record_place place; /* behind what has come */
	bool joins;		   /* it began to act inside a record, whose rest passes */
	bool begun;		   /* the header has been read */
	bool other;		   /* the bytes are no TLS record: they pass */
};

static void half_open(struct stage *st)
{
	struct state *s = stage_state(st);

	s->left = 0;
	s->begun = s->other = false;
	s->joins = !record_place_is_between(&s->place);
}

static void half_past(struct stage *st, struct evbuffer *buf)
{
	struct state *s = stage_state(st);

	record_place_note(&s->place, buf);
}

/* Reads the header at the front of the held bytes. */
static void begin_record(struct stage *st, struct state *s)
{
	const struct half_record *cfg = st->cfg;
	unsigned char h[HEADER];
	size_t content;

	evbuffer_copyout(s->hold.held, h, sizeof(h));
	content = get_be16(h + 3);
	s->begun = true;
	s->other = h[0] < TYPE_FIRST || h[0] > TYPE_LAST || h[1] != 3;
	if (s->other) {
		stage_note(st, "no_tls_record", NULL);
		return;
	}
	s->left = HEADER + (size_t)((double)content * cfg->part);
	stage_event(st, "half_record", "s:i, s:I, s:I", "type", (int)h[0], "bytes",
		    (json_int_t)content, "passed", (json_int_t)(s->left - HEADER));
}

static void half_data(struct stage *st, struct evbuffer *buf)
{
	struct state *s = stage_state(st);
	size_t n;

	if (s->joins)
		s->joins = record_place_pass_rest(&s->place, st, buf);
	record_place_note(&s->place, buf);
	if (!evbuffer_get_length(buf))
		return;
	if (s->other) {
		stage_pass(st, buf);
		return;
	}
	hold_take(st, &s->hold, buf);
	if (!s->begun && st->held >= HEADER)
		begin_record(st, s);
	if (s->other) {
		hold_pass_all(st, &s->hold);
		return;
	}
	n = s->left < st->held ? s->left : st->held;
	s->left -= n;
	hold_pass(st, &s->hold, n);
}

/* The end is held behind the rest of a record; behind other bytes, or none, it passes. */
static void half_end(struct stage *st, enum flow_end end)
{
	struct state *s = stage_state(st);

	if (s->begun && !s->other)
		return;
	hold_pass_all(st, &s->hold);
	stage_pass_end(st, end);
}

static void half_drain(struct stage *st)
{
	struct state *s = stage_state(st);

	hold_pass_all(st, &s->hold);
}

static void half_close(struct stage *st)
{
	struct state *s = stage_state(st);

	hold_free(&s->hold);
}

static const struct stage_ops ops = {
    .state_size = sizeof(struct state),
    .open = half_open,
    .data = half_data,
    .past = half_past,
    .end = half_end,
    .timer = stage_default_timer,
    .update = stage_default_update,
    .drain = half_drain,
    .ends_together = true,
    .close = half_close,
};

const struct impairment tls_half_record_impairment = {
    .name = "tls_half_record",
    .summary = "the header and a part of one TLS record arrive, then nothing",
    .impersonates = "the host that sends the record, and stops in the middle of it",
    .doc = "The first TLS record that comes when it begins to act is cut in two: its header and "
	   "the given part of its content pass, the rest is kept, and so is all that follows, the "
	   "end too. The receiver knows that a record is under way and waits for its rest; what "
	   "it has can't be decrypted. It acts on the records as they pass through wedge: with "
	   "framing=tls-record and after=N messages on the one behind the first N, else on the "
	   "first of the connection, in its direction. Where wedge itself speaks TLS it is "
	   "refused, since there it would see clear text.\n\n"
	   "Where it begins to act inside a record, that one passes and the next is cut. "
	   "What comes at that place and is no TLS record passes untouched, and the journal says "
	   "so. A changed part counts for the next record that is cut. When it is disabled or "
	   "removed, what is kept passes at once, in order, the end too. Once both sides have sent "
	   "FIN nobody waits for it any more: it is dropped, and the connections end.",
    .params = params,
    .cfg_size = sizeof(struct half_record),
    .stream = &ops,
    .window = IMPAIR_WINDOW_HOLDS,
    .tls = IMPAIR_TLS_RECORDS,
    .framing = FRAMING_TLS_HANDSHAKE,
    .example = "tls_half_record{direction=downstream,framing=tls-record,after=4 messages}",
};
