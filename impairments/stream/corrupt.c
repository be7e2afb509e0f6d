/* corrupt.c - changes bytes on their way; length, order and time stay. */
#include "impairments/impairment.h"

#include "proxy/base/mem.h"

#include <event2/buffer.h>
#include <jansson.h>

#define RANGES_MAX 1000 /* journal lines of one flow; the sum is always journalled */

enum mode { FLIP, SET, ZERO, REPEAT, TRUNCATE_PAD };

struct corrupt {
	int mode;
	uint64_t value, block, keep;
	double share;
};

static const char *const mode_names[] = {"flip", "set", "zero", "repeat", "truncate_pad", NULL};

static const struct param params[] = {
    P_ENUM("mode", struct corrupt, mode, mode_names, .def = "flip",
	   .help = "what a touched block becomes: each byte XOR value, each byte set to value, "
		   "zeros, a copy of the block before it, or its first keep bytes padded with "
		   "value"),
    P_COUNT("value", struct corrupt, value, .def = "255", .max = "255",
	    .help = "of flip: the bits that change; of set and truncate_pad: the byte"),
    P_SIZE("block", struct corrupt, block, .def = "512B", .min = "1B", .max = "1MiB",
	   .help = "bytes are taken in blocks of this size, counted from where it begins to act"),
    P_SIZE("keep", struct corrupt, keep, .def = "0B", .max = "1MiB",
	   .help = "of truncate_pad: bytes at the beginning of a touched block that stay"),
    P_FRACTION("share", struct corrupt, share, .def = "100%",
	       .help = "of the blocks, chosen by the seed, that are touched"),
    P_END,
};

struct state {
	enum mode mode;	     /* of the run and the block under way */
	uint64_t journalled; /* ranges in the journal */
	uint64_t at;	     /* place of the next byte, counted from where the stage began to act */
	uint64_t in_block;   /* place of the next byte in its block */
	bool touch;	     /* the current block is touched */
	uint64_t from, n;    /* the run of touched bytes that is growing; n 0: none */
	uint64_t ranges, bytes;
	unsigned char *before; /* REPEAT: the last block as it went out, a ring */
	uint64_t room, filled;
};

static int corrupt_check(const void *config, struct err *e)
{
	const struct corrupt *cfg = config;

	if (cfg->mode == FLIP && !cfg->value)
		return err_set(e, "mode=flip with value=0 would change nothing");
	if (cfg->mode != TRUNCATE_PAD && cfg->keep)
		return err_set(e, "keep is for mode=truncate_pad");
	if (cfg->mode == TRUNCATE_PAD && cfg->keep >= cfg->block)
		return err_set(e, "keep must be less than block, or nothing is truncated");
	return 0;
}

/* A run of touched bytes gets one line, however TCP has cut it into pieces. */
static void journal_range(struct stage *st)
{
	struct state *s = stage_state(st);

	if (!s->n)
		return;
	if (s->journalled++ < RANGES_MAX)
		stage_event(st, "corrupt", "s:I, s:I, s:s", "at", (json_int_t)s->from, "bytes",
			    (json_int_t)s->n, "mode", mode_names[s->mode]);
	s->ranges++;
	s->bytes += s->n;
	s->n = 0;
}

/* With REPEAT the first block stays: there is none before it to repeat. */
static void begin_block(struct stage *st)
{
	const struct corrupt *cfg = st->cfg;
	struct state *s = stage_state(st);

	s->touch = rng_chance(&st->rng, cfg->share);
	if (s->mode == REPEAT && s->filled < cfg->block)
		s->touch = false;
}

static unsigned char change_byte(const struct corrupt *cfg, const struct state *s, unsigned char c)
{
	switch (s->mode) {
	case FLIP:
		return c ^ (unsigned char)cfg->value;
	case SET:
	case TRUNCATE_PAD:
		return (unsigned char)cfg->value;
	case ZERO:
		return 0;
	case REPEAT:
		return s->before[s->in_block];
	}
	return c;
}

static void corrupt_byte(struct stage *st, unsigned char *c)
{
	const struct corrupt *cfg = st->cfg;
	struct state *s = stage_state(st);

	if (s->in_block == 0)
		begin_block(st);
	if (s->touch && (s->mode != TRUNCATE_PAD || s->in_block >= cfg->keep)) {
		*c = change_byte(cfg, s, *c);
		if (!s->n++)
			s->from = s->at;
		stage_acted(st);
	} else {
		journal_range(st);
	}
	if (s->room) {
		s->before[s->in_block] = *c;
		s->filled += s->filled < s->room;
	}
	s->at++;
	s->in_block = (s->in_block + 1) % cfg->block;
}

static void corrupt_data(struct stage *st, struct evbuffer *buf)
{
	struct evbuffer_iovec piece;
	struct evbuffer *out = evbuffer_new();
	size_t n = evbuffer_get_length(buf);
	unsigned char *p;

	/* Others may share the bytes: change a copy. */
	BUG_ON(!out || evbuffer_reserve_space(out, (ev_ssize_t)n, &piece, 1) != 1);
	evbuffer_remove(buf, piece.iov_base, n);
	p = piece.iov_base;
	for (size_t i = 0; i < n; i++)
		corrupt_byte(st, &p[i]);
	piece.iov_len = n;
	BUG_ON(evbuffer_commit_space(out, &piece, 1) == -1);
	stage_pass(st, out);
	evbuffer_free(out);
}

/* A new block begins with the next byte. */
static void begin_blocks(struct stage *st)
{
	const struct corrupt *cfg = st->cfg;
	struct state *s = stage_state(st);

	s->mode = (enum mode)cfg->mode;
	s->in_block = s->filled = 0;
	s->room = s->mode == REPEAT ? cfg->block : 0;
	if (s->room)
		s->before = xrealloc(s->before, s->room, 1);
}

static void corrupt_open(struct stage *st)
{
	struct state *s = stage_state(st);

	s->at = 0;
	begin_blocks(st);
}

static void journal_sum(struct stage *st)
{
	struct state *s = stage_state(st);

	journal_range(st);
	if (s->ranges)
		stage_event(st, "corrupted", "s:I, s:I", "bytes", (json_int_t)s->bytes, "ranges",
			    (json_int_t)s->ranges);
	s->bytes = s->ranges = 0;
}

static void corrupt_update(struct stage *st)
{
	journal_range(st);
	begin_blocks(st);
}

static void corrupt_end(struct stage *st, enum flow_end end)
{
	journal_range(st);
	stage_pass_end(st, end);
}

static void corrupt_close(struct stage *st)
{
	struct state *s = stage_state(st);

	journal_sum(st);
	free(s->before);
}

static const struct stage_ops ops = {
    .state_size = sizeof(struct state),
    .open = corrupt_open,
    .data = corrupt_data,
    .end = corrupt_end,
    .timer = stage_default_timer,
    .update = corrupt_update,
    .drain = journal_sum,
    .close = corrupt_close,
};

static bool corrupt_draws(const void *config)
{
	return ((const struct corrupt *)config)->share < 1;
}

const struct impairment corrupt_impairment = {
    .name = "corrupt",
    .draws = corrupt_draws,
    .summary = "changes bytes: flipped, set, zeroed, repeated, or truncated and padded",
    .impersonates = "a broken driver, memory or proxy behind the checksums of both legs",
    .doc = "Bytes of the given direction are changed on their way: same length, same order, same "
	   "time. The kernel computes the checksums of what it sends, so nothing is wrong with TCP "
	   "on either leg: only the content tells, or its checksum, or a TLS record's MAC.\n\n"
	   "From where it begins to act, bytes are taken in blocks; each block is touched with the "
	   "probability share, which the seed decides. Which bytes change depends on their place "
	   "in the stream alone, not on how TCP has cut it. A repeated block is a copy of the one "
	   "before it as that went out, so the first block is never touched, and with share=100% "
	   "it comes again and again.\n\n"
	   "The journal tells each run of changed bytes (corrupt), the first 1000 of a flow one by "
	   "one, and their sum. When it is changed, a new block begins with the next byte. When it "
	   "is disabled or removed, bytes pass unchanged from the next one on. No byte is held or "
	   "lost.",
    .params = params,
    .cfg_size = sizeof(struct corrupt),
    .check = corrupt_check,
    .stream = &ops,
    .example = "corrupt{direction=downstream,mode=zero,block=512B,share=1%}",
};
