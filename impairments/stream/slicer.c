/* slicer.c - passes bytes in small pieces with a pause between two: a trickle. */
#include "impairments/impairment.h"
#include "impairments/stream/parts/hold.h"
#include "proxy/base/ring.h"

#include <event2/buffer.h>

#define LOW	 ((size_t)16 << 10) /* held bytes at which reading goes on */
#define CATCH_UP 16		    /* most pieces that pass in one turn of the loop */

#define HALVES 64 /* halves that wait behind the one that is next */

struct slicer {
	uint64_t size, variation;
	int64_t gap;
	bool halves;
};

static const struct param params[] = {
    P_SIZE("size", struct slicer, size, .def = "1", .min = "1", .max = "64MiB",
	   .help = "bytes of a piece on average"),
    P_SIZE("variation", struct slicer, variation, .def = "0", .max = "64MiB",
	   .help = "a piece is by so much larger or smaller, evenly distributed; less than size"),
    P_DURATION("gap", struct slicer, gap, .def = "10ms", .min = "1us", .max = "1h",
	       .help = "from one piece to the next"),
    P_FLAG("halves", struct slicer, halves, .def = "no",
	   .help = "what has come together is halved, about, until each piece is at most size and "
		   "variation; so pieces are smaller than size, and don't cross such places"),
    P_END,
};

struct state {
	struct hold hold;
	int64_t next; /* when the next piece may pass */
	size_t piece; /* the next piece's size; 0: not drawn yet */
	/* With halves: bytes that came together, whole, and the parts of the first of them. */
	struct ring together; /* of size_t */
	size_t part[HALVES];  /* the next one last */
	unsigned parts;
};

static int slicer_check(const void *config, struct err *e)
{
	const struct slicer *cfg = config;

	if (cfg->variation >= cfg->size)
		return err_set(e, "variation must be less than size, or a piece could be empty");
	return 0;
}

static size_t draw_piece(struct stage *st)
{
	const struct slicer *cfg = st->cfg;

	if (!cfg->variation)
		return (size_t)cfg->size;
	return (size_t)(cfg->size - cfg->variation + rng_below(&st->rng, 2 * cfg->variation + 1));
}

static void add_together(struct state *s, size_t n)
{
	*(size_t *)ring_add(&s->together, sizeof(size_t)) = n;
}

/* Takes the next part: what has come together, halved as long as it is too large. */
static size_t take_half(struct stage *st)
{
	const struct slicer *cfg = st->cfg;
	struct state *s = stage_state(st);
	size_t n;

	if (!s->parts) {
		s->part[s->parts++] = *(size_t *)ring_at(&s->together, 0, sizeof(size_t));
		ring_drop(&s->together, 1);
	}
	n = s->part[--s->parts];
	while (n > cfg->size + cfg->variation && s->parts < HALVES) {
		int64_t left = (int64_t)(n / 2);

		if (cfg->variation)
			left += (int64_t)rng_below(&st->rng, 2 * cfg->variation) -
				(int64_t)cfg->variation;
		if (left < 1)
			left = 1;
		s->part[s->parts++] = n - (size_t)left;
		n = (size_t)left;
	}
	return n;
}

/* The sizes have changed: what is held counts as having come together. */
static void join_halves(struct stage *st)
{
	struct state *s = stage_state(st);

	s->parts = 0;
	ring_drop(&s->together, s->together.n);
	if (st->held)
		add_together(s, st->held);
}

/* Passes a piece and sets the time of the next: on a grid of gaps while bytes are held, but a delay
 * of more than a gap isn't made up for. */
static void pass_piece(struct stage *st, int64_t now)
{
	const struct slicer *cfg = st->cfg;
	struct state *s = stage_state(st);

	s->next = now - s->next < cfg->gap ? s->next + cfg->gap : now + cfg->gap;
	if (cfg->halves)
		s->piece = take_half(st);
	hold_pass(st, &s->hold, s->piece);
	stage_part(st);
	s->piece = draw_piece(st);
}

static void arm_or_end(struct stage *st)
{
	struct state *s = stage_state(st);

	if (st->held)
		stage_arm(st, s->next);
	else if (st->end_in != END_NONE)
		stage_pass_end(st, st->end_in);
	hold_bound(st, LOW, 2 * LOW);
}

static void slicer_open(struct stage *st)
{
	struct state *s = stage_state(st);

	s->next = stage_now(st);
	s->piece = draw_piece(st);
}

/* The first piece after a rest passes at once. */
static void slicer_data(struct stage *st, struct evbuffer *buf)
{
	struct state *s = stage_state(st);
	int64_t now = stage_now(st);
	const struct slicer *cfg = st->cfg;
	bool waiting = st->held;

	if (cfg->halves)
		add_together(s, evbuffer_get_length(buf));
	hold_take(st, &s->hold, buf);
	if (!waiting && s->next <= now) {
		s->next = now;
		pass_piece(st, now);
	}
	if (!waiting)
		arm_or_end(st);
	else
		hold_bound(st, LOW, 2 * LOW);
}

static void slicer_end(struct stage *st, enum flow_end end)
{
	if (!st->held)
		stage_pass_end(st, end);
}

static void slicer_timer(struct stage *st, int64_t now)
{
	struct state *s = stage_state(st);

	for (int i = 0; i < CATCH_UP && st->held && s->next <= now; i++)
		pass_piece(st, now);
	if (s->next <= now)
		s->next = now + 1;
	arm_or_end(st);
}

/* A shorter gap also shortens the running one. */
static void slicer_update(struct stage *st)
{
	const struct slicer *cfg = st->cfg;
	struct state *s = stage_state(st);
	int64_t latest = stage_now(st) + cfg->gap;

	if (s->next > latest)
		s->next = latest;
	s->piece = draw_piece(st);
	if (cfg->halves)
		join_halves(st);
	if (st->held)
		stage_arm(st, s->next);
}

static void slicer_drain(struct stage *st)
{
	struct state *s = stage_state(st);

	hold_pass_all(st, &s->hold);
	join_halves(st);
}

static void slicer_close(struct stage *st)
{
	struct state *s = stage_state(st);

	hold_free(&s->hold);
	ring_fini(&s->together);
}

static const struct stage_ops ops = {
    .state_size = sizeof(struct state),
    .open = slicer_open,
    .data = slicer_data,
    .end = slicer_end,
    .timer = slicer_timer,
    .update = slicer_update,
    .drain = slicer_drain,
    .lingers = true,
    .close = slicer_close,
};

static bool slicer_draws(const void *config)
{
	return ((const struct slicer *)config)->variation;
}

const struct impairment slicer_impairment = {
    .name = "slicer",
    .draws = slicer_draws,
    .summary = "cuts the stream into small pieces with gaps between them: a trickle",
    .impersonates = "the application that sends the bytes, which writes them piece by piece",
    .doc = "Bytes leave in pieces of the given size, each as a write of its own, and so as a "
	   "segment of its own while the receiver keeps up. From one piece to the next passes the "
	   "gap; the first one after a rest goes at once. Pieces keep to a grid of gaps, so that "
	   "the mean rate is size per gap; when wedge is served late by more than a gap, the time "
	   "is lost and not made up for. The FIN or RST follows the last piece at once.\n\n"
	   "Few bytes are kept, 32 KiB and what was read at once; then the source isn't read.\n\n"
	   "When it is changed, the next piece has the new size and the running gap is at most "
	   "the new one. When it is disabled or removed, what is kept passes at once, in one "
	   "piece. Nothing is lost.",
    .params = params,
    .cfg_size = sizeof(struct slicer),
    .check = slicer_check,
    .stream = &ops,
    .example = "slicer{size=1,gap=100ms}",
};
