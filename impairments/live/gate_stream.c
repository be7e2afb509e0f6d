/* gate_stream.c - lets bytes pass up to the next place where the decision may change, and settles
 * the window there. */
#include "impairments/live/gate_stream.h"

#include "impairments/live/buffer_piece.h"
#include "proxy/stream/session_upgrade.h"

#include <event2/buffer.h>

#define LOOK_MAX                                                                                   \
	(64u << 10) /* bytes looked at in one call: finding a place in a buffer takes long */

static void begin_part(struct gate *g, enum part part)
{
	g->pos.begun[part] = true;
	g->pos.part_at[part] = g->pos.at[UNIT_BYTES];
}

static void end_message(struct gate *g)
{
	g->pos.at[UNIT_MESSAGES]++;
	for (int i = 0; i < PART_COUNT; i++)
		g->pos.begun[i] = false;
}

static void apply_mark(struct gate *g, enum framing_mark mark)
{
	switch (mark) {
	case MARK_NONE:
		break;
	case MARK_HEADER:
		begin_part(g, PART_HEADER);
		break;
	case MARK_BODY:
		begin_part(g, PART_BODY);
		break;
	case MARK_END:
		end_message(g);
		break;
	case MARK_LOST:
		g->counting = false;
		gate_event(g, "messages_lost", g->framing.why);
		break;
	}
}

static bool is_due(const struct gate *g)
{
	return trigger_window_is_due(&g->window, &g->when, &g->pos);
}

/* Counts and returns the bytes up to where something is due: from one to all n. */
static size_t count_bytes(struct gate *g, size_t n)
{
	uint64_t left = trigger_window_bytes_left(&g->window, &g->when, &g->pos);
	size_t k = left < n ? (size_t)left : n;

	g->pos.at[UNIT_BYTES] += k;
	return k;
}

static size_t count_messages(struct gate *g, struct evbuffer *buf, size_t n)
{
	enum framing_mark mark;
	size_t done = 0;

	do {
		uint64_t left = trigger_window_bytes_left(&g->window, &g->when, &g->pos);
		size_t k = left < n - done ? (size_t)left : n - done;
		const unsigned char *p = buffer_piece(buf, done, &k);

		k = framing_read(&g->framing, p, k, &mark);
		g->pos.at[UNIT_BYTES] += k;
		done += k;
		apply_mark(g, mark);
		if (mark == MARK_BODY && !is_due(g)) { /* the body may be empty */
			framing_read(&g->framing, p, 0, &mark);
			apply_mark(g, mark);
		}
		if (done < n && g->counting && !g->pos.begun[PART_MESSAGE])
			begin_part(g, PART_MESSAGE);
	} while (done < n && g->counting && !is_due(g));
	if (done < n && !g->counting && !is_due(g))
		done += count_bytes(g, n - done);
	return done;
}

/* Settles what is due between the bytes before and these n: an empty body is over, a message
 * begins. */
static void settle_before_bytes(struct gate *g, size_t n)
{
	enum framing_mark mark = MARK_NONE;

	if (!g->counting)
		return;
	if (g->pos.begun[PART_BODY])
		framing_read(&g->framing, (const unsigned char *)"", 0, &mark);
	if (mark != MARK_NONE) {
		apply_mark(g, mark);
		gate_settle(g);
	}
	if (n && !g->pos.begun[PART_MESSAGE]) {
		begin_part(g, PART_MESSAGE);
		gate_settle(g);
	}
}

static size_t gate_admit(struct stage *st, struct evbuffer *buf)
{
	struct gate *g = st->owner;
	size_t n = evbuffer_get_length(buf);

	if (g->waits)
		return n;
	gate_settle(g);
	settle_before_bytes(g, n);
	if (!n)
		return 0;
	n = n < LOOK_MAX ? n : LOOK_MAX;
	return g->counting ? count_messages(g, buf, n) : count_bytes(g, n);
}

static void gate_end(struct stage *st, enum flow_end how)
{
	struct gate *g = st->owner;

	if (g->waits)
		return;
	gate_settle(g);
	if (!g->counting || how != END_FIN)
		return;
	apply_mark(g, framing_finish(&g->framing));
	gate_settle(g);
}

static size_t gate_blind(struct stage *st)
{
	struct gate *g = st->owner;
	uint64_t left;

	if (g->waits)
		return SIZE_MAX;
	gate_settle(g);
	if (g->counting)
		return 0;
	left = trigger_window_bytes_left(&g->window, &g->when, &g->pos);
	return left < SIZE_MAX ? (size_t)left : SIZE_MAX;
}

static void gate_bypassed(struct stage *st, size_t n)
{
	struct gate *g = st->owner;

	if (g->waits)
		return;
	g->pos.at[UNIT_BYTES] += n;
	gate_settle(g);
}

static void stage_has_acted(struct stage *st)
{
	gate_acted(st->owner);
}

static const struct stage_gate gate_ops = {
    .admit = gate_admit,
    .end = gate_end,
    .acted = stage_has_acted,
    .blind = gate_blind,
    .bypassed = gate_bypassed,
};

void gate_stream_attach(struct impair_live *live, struct attachment *att, struct flow *f,
			struct stage *before)
{
	const struct impair_inst *inst = live->inst;
	struct gate *g = gate_new(live, att, f->dir);

	g->stage = stage_attach_before(f, before, inst->type->stream, inst->cfg, inst->name,
				       impair_inst_stage_number(inst));
	g->stage->owner = g;
	g->stage->gate = &gate_ops;
	impair_live_place_rng(live, att->record->draw, &g->stage->rng);
	if (live->shared)
		stage_share(g->stage, live->shared);
	g->waits = session_upgrade_awaited(att->session) && impair_inst_reads_tls(inst);
	g->pos.at[UNIT_BYTES] = f->in_bytes;
	gate_start(g);
}
