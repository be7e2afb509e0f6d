/* tls_delay.c - delays each flight of a TLS handshake, or each record of a flight. Reads record
 * headers (RFC 8446 section 5.1), which are never encrypted, and nothing else. */
#include "impairments/impairment.h"
#include "impairments/stream/parts/hold.h"
#include "impairments/stream/parts/record_place.h"
#include "proxy/base/byteorder.h"

#include <event2/buffer.h>

#define HEADER	   5
#define TYPE_FIRST 20 /* change_cipher_spec */
#define TYPE_LAST  22 /* handshake; application_data begins no flight of a handshake */

enum each { EACH_FLIGHT, EACH_RECORD };

struct delay {
	int64_t delay;
	int each;
};

static const char *const each_names[] = {"flight", "record", NULL};

static const struct param params[] = {
    P_DURATION("delay", struct delay, delay, .def = "300ms", .max = "1h",
	       .help = "how much later it comes"),
    P_ENUM("each", struct delay, each, each_names, .def = "flight",
	   .help = "flight: all that is said before the other end must answer; record: each one, "
		   "so much behind the one before it"),
    P_END,
};

struct state {
	struct hold hold;
	size_t left;		   /* bytes of the flight that are to pass record by record */
	struct record_place place; /* behind what has come */
	bool joins;		   /* it began to act inside a record, whose rest passes */
	bool over;		   /* bytes of no handshake have come: all pass */
};

static void delay_open(struct stage *st)
{
	struct state *s = stage_state(st);

	s->left = 0;
	s->over = false;
	s->joins = !record_place_is_between(&s->place);
}

static void delay_past(struct stage *st, struct evbuffer *buf)
{
	struct state *s = stage_state(st);

	record_place_note(&s->place, buf);
}

static bool begins_flight(const struct state *s)
{
	unsigned char type;

	evbuffer_copyout(s->hold.held, &type, sizeof(type));
	return type >= TYPE_FIRST && type <= TYPE_LAST;
}

static void pass_all(struct stage *st, struct state *s)
{
	s->left = 0;
	stage_disarm(st);
	hold_pass_all(st, &s->hold);
	if (st->end_in != END_NONE && st->end_out == END_NONE)
		stage_pass_end(st, st->end_in);
}

static void arm_timer(struct stage *st)
{
	const struct delay *cfg = st->cfg;

	stage_arm(st, stage_now(st) + cfg->delay);
}

static void delay_data(struct stage *st, struct evbuffer *buf)
{
	struct state *s = stage_state(st);
	bool first = !st->held, inside;

	if (s->joins)
		s->joins = record_place_pass_rest(&s->place, st, buf);
	inside = !record_place_is_between(&s->place);
	record_place_note(&s->place, buf);
	if (s->over || !evbuffer_get_length(buf)) {
		stage_pass(st, buf);
		return;
	}
	hold_take(st, &s->hold, buf);
	if (!first)
		return;
	s->over = !inside && !begins_flight(s);
	if (s->over)
		pass_all(st, s);
	else
		arm_timer(st);
}

/* Returns the length of the first held record, or of all held bytes when it isn't whole. */
static size_t first_record(const struct stage *st, const struct state *s)
{
	unsigned char h[HEADER];
	size_t n = SIZE_MAX;

	if (evbuffer_copyout(s->hold.held, h, sizeof(h)) == HEADER)
		n = (size_t)HEADER + get_be16(h + 3);
	return n < st->held ? n : st->held;
}

/* Bytes that came while the flight's records were passing follow the last record at once. */
static void delay_timer(struct stage *st, int64_t now)
{
	const struct delay *cfg = st->cfg;
	struct state *s = stage_state(st);
	size_t n = first_record(st, s);

	(void)now;
	if (!s->left)
		s->left = st->held;
	if (cfg->each == EACH_FLIGHT || n >= s->left) {
		pass_all(st, s);
		return;
	}
	s->left -= n;
	hold_pass(st, &s->hold, n);
	arm_timer(st);
}

static void delay_end(struct stage *st, enum flow_end end)
{
	if (!st->held)
		stage_pass_end(st, end);
}

static void delay_drain(struct stage *st)
{
	pass_all(st, stage_state(st));
}

static void delay_close(struct stage *st)
{
	struct state *s = stage_state(st);

	hold_free(&s->hold);
}

static const struct stage_ops ops = {
    .state_size = sizeof(struct state),
    .open = delay_open,
    .data = delay_data,
    .past = delay_past,
    .end = delay_end,
    .timer = delay_timer,
    .update = stage_default_update,
    .drain = delay_drain,
    .lingers = true,
    .close = delay_close,
};

const struct impairment tls_delay_impairment = {
    .name = "tls_delay",
    .summary = "a slow TLS handshake: each flight, or each record of it, comes late",
    .impersonates = "the TLS library of the host that speaks, slow as with a distant key store",
    .doc = "With each=flight, all that is said in its direction before the other end must answer "
	   "comes the given time later, together: what comes after the first byte of it joins it. "
	   "With each=record, the first record comes that much later, and each other one that much "
	   "behind the one before it; what is added to the flight meanwhile follows the last one. "
	   "With TLS 1.2 the server says two flights and the client two, with TLS 1.3 the server "
	   "one and the client two.\n\n"
	   "Where TLS passes through wedge it acts on the records that pass, until one of "
	   "application data comes that no handshake record has come before; from there on all "
	   "pass at once, and so does what is no TLS. Where wedge itself speaks TLS with the "
	   "receiver it acts on what wedge says in that handshake.\n\n"
	   "A changed delay counts for the next flight or record. When it is disabled or removed, "
	   "what is kept passes at once, in order, the end too. Nothing is lost.",
    .params = params,
    .cfg_size = sizeof(struct delay),
    .stream = &ops,
    .tls = IMPAIR_TLS_RECORDS,
    .framing = FRAMING_TLS_HANDSHAKE,
    .example = "tls_delay{direction=downstream,delay=300ms}",
};
