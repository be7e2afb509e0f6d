/* chaos.c - splits and holds bytes at random, which nobody may notice end to end: a test of the
 * other impairments, and of programs that rely on how TCP cuts a stream. */
#include "impairments/impairment.h"
#include "impairments/stream/parts/hold.h"

#include "proxy/base/ring.h"

#include <event2/buffer.h>

#define PIECES_MAX (1u << 14) /* pieces that wait in one flow */

struct chaos {
	uint64_t piece;
	int64_t hold;
	double share;
};

static const struct param params[] = {
    P_SIZE("piece", struct chaos, piece, .def = "1000B", .min = "1B", .max = "1MiB",
	   .help = "pieces have from 1 to so many bytes, each length as likely"),
    P_DURATION("hold", struct chaos, hold, .def = "5ms", .min = "0", .max = "1m",
	       .help = "a held piece waits for at most so long, each time as likely"),
    P_FRACTION("share", struct chaos, share, .def = "50%",
	       .help = "of the pieces that are held; the others go on as soon as what is ahead of "
		       "them has"),
    P_END,
};

/* The end is a piece without bytes. */
struct piece {
	int64_t due;
	size_t len;
};

struct state {
	struct hold hold;
	struct ring pieces;
};

static struct piece *piece_at(struct state *s, size_t i)
{
	return ring_at(&s->pieces, i, sizeof(struct piece));
}

/* A piece that is due before the one ahead of it goes on together with that. */
static void append_piece(struct stage *st, size_t len)
{
	const struct chaos *cfg = st->cfg;
	struct state *s = stage_state(st);
	int64_t due = stage_now(st);

	if (!st->outside && rng_chance(&st->rng, cfg->share))
		due += (int64_t)rng_below(&st->rng, (uint64_t)cfg->hold + 1);
	*(struct piece *)ring_add(&s->pieces, sizeof(struct piece)) =
	    (struct piece){.due = due, .len = len};
}

/* Passes what is due by now, piece by piece, the end after its bytes. */
static void release_due(struct stage *st, int64_t now)
{
	struct state *s = stage_state(st);

	while (s->pieces.n && piece_at(s, 0)->due <= now) {
		struct piece p = *piece_at(s, 0);

		ring_drop(&s->pieces, 1);
		if (p.len)
			hold_pass(st, &s->hold, p.len);
		else
			stage_pass_end(st, st->end_in);
	}
	if (s->pieces.n <= PIECES_MAX / 2)
		stage_resume(st);
	if (s->pieces.n)
		stage_arm(st, piece_at(s, 0)->due);
	else
		stage_disarm(st);
}

static void chaos_data(struct stage *st, struct evbuffer *buf)
{
	const struct chaos *cfg = st->cfg;
	struct state *s = stage_state(st);
	size_t left = evbuffer_get_length(buf);

	hold_take(st, &s->hold, buf);
	while (left) {
		size_t len = 1 + (size_t)rng_below(&st->rng, cfg->piece);

		len = len < left ? len : left;
		append_piece(st, len);
		left -= len;
	}
	if (s->pieces.n >= PIECES_MAX)
		stage_pause(st);
	release_due(st, stage_now(st));
}

static void chaos_end(struct stage *st, enum flow_end end)
{
	(void)end;
	append_piece(st, 0);
	release_due(st, stage_now(st));
}

/* Nothing waits longer than a piece that comes now could. */
static void chaos_update(struct stage *st)
{
	const struct chaos *cfg = st->cfg;
	struct state *s = stage_state(st);
	int64_t latest = stage_now(st) + cfg->hold;

	for (size_t i = 0; i < s->pieces.n; i++)
		if (piece_at(s, i)->due > latest)
			piece_at(s, i)->due = latest;
	release_due(st, stage_now(st));
}

static void chaos_drain(struct stage *st)
{
	release_due(st, INT64_MAX);
}

static void chaos_close(struct stage *st)
{
	struct state *s = stage_state(st);

	hold_free(&s->hold);
	ring_fini(&s->pieces);
}

static const struct stage_ops ops = {
    .state_size = sizeof(struct state),
    .open = stage_default_open,
    .data = chaos_data,
    .end = chaos_end,
    .timer = release_due,
    .update = chaos_update,
    .drain = chaos_drain,
    .lingers = true,
    .close = chaos_close,
};

static bool chaos_draws(const void *config)
{
	(void)config;
	return true;
}

const struct impairment chaos_impairment = {
    .name = "chaos",
    .draws = chaos_draws,
    .summary = "random splitting and holding that must be invisible end to end",
    .impersonates = "nobody: what it does must not be seen",
    .doc =
	"Bytes of the given direction are cut into pieces of random length, and some of the "
	"pieces wait for a random time; the end of the stream may wait too. Order is kept and no "
	"byte changes: an application that notices more than a delay is wrong about TCP, and so "
	"would be an impairment that does something else behind chaos than without it. Each "
	"piece is written on its own, but the kernel joins what the receiver is slow to take.\n\n"
	"The seed decides lengths and times. What waits is bounded: the source isn't read "
	"while too much does. When it is changed, what waits goes on after the new hold at the "
	"latest. When it is disabled or removed, what waits goes on at once, in order, the end "
	"too. Nothing is lost.",
    .params = params,
    .cfg_size = sizeof(struct chaos),
    .stream = &ops,
    .example = "chaos{direction=both,piece=100B,hold=2ms}",
};
