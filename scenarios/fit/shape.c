/* shape.c - an observer of one service: an exchange is counted when the next one begins, or its
 * connection has ended. */
#include "scenarios/fit/shape.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/analysis/packet_stream.h"
#include "scenarios/diagnosis/story.h"

#include <string.h>

#define DEAD_TRIES 2 /* sent again so often, and nothing came any more: one end is gone */

struct shaped {
	struct shape *shape;
	struct story story;
	struct host_side sides[DIR_COUNT];
	int64_t silent_at; /* bytes of the stream to the client; -1: it didn't fall silent */
	uint64_t acked, last_piece; /* bytes to the client: acknowledged, and in its last segment */
	unsigned in_vain[DIR_COUNT]; /* sent again since the other end's last packet */
	uint32_t in_vain_frame, asked_frame;
	int64_t heard_at[DIR_COUNT];
	struct wire_exchange exchange; /* the one under way, as the last segment has left it */
	size_t nexchanges;
	uint32_t answered;  /* exchanges */
	uint32_t frames[2]; /* the first and last segment of its response */
	bool first_taken;   /* of its response */
	bool cut_told, closed;
};

struct shape_pass {
	struct shape *shape;
	struct packet_stream stream;
	struct host_silences silences;
};

static void pause_cb(void *owner, enum dir host, const struct host_silence *s)
{
	struct shaped *x = owner;

	pauses_take(&x->shape->pauses, host == DIR_UPSTREAM, s);
}

/* whole: the response may be so long, and wasn't broken off by a dead end. */
static void end_exchange(struct shape *s, struct shaped *shaped, bool whole)
{
	const struct wire_exchange *x = &shaped->exchange;
	int64_t took = x->response_end - x->response_start;

	if (!x->response_bytes)
		return;
	s->exchanges++;
	shaped->answered++;
	durations_add(&s->request, (int64_t)x->request_bytes * SHAPE_UNIT);
	if (!whole)
		return;
	durations_add(&s->response, (int64_t)x->response_bytes * SHAPE_UNIT);
	durations_add(&s->service, x->response_start - x->request_end);
	if (x->response_bytes < SHAPE_BULK || took <= 0)
		return;
	if (!s->rate.n)
		memcpy(s->bulk_frames, shaped->frames, sizeof(s->bulk_frames));
	durations_add(&s->rate,
		      (int64_t)((double)x->response_bytes / clock_seconds(took) * SHAPE_UNIT));
}

static void stall_cb(void *arg, const struct gap *g, const struct stall *stall)
{
	struct shaped *x = arg;
	uint64_t bytes = g->c->wire.data_bytes[DIR_DOWNSTREAM];

	if (stall->cause != CAUSE_MIDSTREAM_SILENCE)
		return;
	if (g->end && g->end->dir == DIR_DOWNSTREAM)
		bytes -= g->end->fresh;
	x->silent_at = (int64_t)bytes;
}

static void began_cb(void *arg, struct connection *c)
{
	struct shape *s = ((struct shape_pass *)arg)->shape;
	struct shaped *x;

	if (!addr_equal(&c->wire.server, &s->server))
		return;
	s->connections++;
	if (++s->open > s->at_once)
		s->at_once = s->open;
	x = xcalloc(1, sizeof(*x));
	x->shape = s;
	x->silent_at = -1;
	x->story.on_stall = stall_cb;
	x->story.on_stall_arg = x;
	c->owner = x;
}

static void before_cb(void *arg, struct connection *c, const struct segment *segment)
{
	struct shape_pass *pass = arg;
	struct shaped *x = c->owner;

	if (!x)
		return;
	host_silence_take_segment(&pass->silences, x->sides, c, segment, x);
	story_before_segment(&x->story, c);
}

/* Notes what each end has heard of the other. */
static void hear_side(struct shaped *x, const struct segment *segment)
{
	enum dir dir = segment->dir;

	x->heard_at[dir] = segment->at;
	x->in_vain[dir_reverse(dir)] = 0;
	if (dir == DIR_UPSTREAM)
		x->acked += segment->acked;
	else if (segment->fresh)
		x->last_piece = segment->fresh;
	if (segment->again) {
		x->in_vain[dir]++;
		x->in_vain_frame = segment->frame;
	}
}

static void take_exchange(struct shape *s, struct shaped *x, const struct connection *c,
			  const struct segment *segment)
{
	const struct wire_exchange *now = connection_current_exchange(c);

	if (!now)
		return;
	if (c->wire.nexchanges != x->nexchanges) {
		if (x->exchange.response_bytes)
			durations_add(&s->think, now->request_start - x->exchange.response_end);
		end_exchange(s, x, true);
		x->nexchanges = c->wire.nexchanges;
		x->first_taken = false;
	}
	if (now->response_bytes && !x->first_taken) {
		durations_add(&s->first, (int64_t)segment->fresh * SHAPE_UNIT);
		x->first_taken = true;
		x->frames[0] = segment->frame;
	}
	x->frames[1] = segment->dir == DIR_DOWNSTREAM ? segment->frame : x->frames[1];
	x->exchange = *now;
}

static void taken_cb(void *arg, struct connection *c, const struct segment *segment)
{
	struct shape *s = ((struct shape_pass *)arg)->shape;
	struct shaped *x = c->owner;

	if (!x)
		return;
	story_take_segment(&x->story, c, segment);
	hear_side(x, segment);
	if (segment->again && segment->dir == DIR_DOWNSTREAM && !s->again_frame)
		s->again_frame = segment->frame;
	if (c->wire.truncated && !x->cut_told) {
		x->cut_told = true;
		durations_add(&s->cut_at, (int64_t)c->wire.data_bytes[DIR_DOWNSTREAM] * SHAPE_UNIT);
		if (!s->cut_frame)
			s->cut_frame = segment->frame;
	}
	if (!x->closed && (c->saw_fin || c->saw_rst)) {
		x->closed = true;
		s->open--;
	}
	if (segment->fresh && segment->dir == DIR_UPSTREAM)
		x->asked_frame = segment->frame;
	if (segment->fresh)
		take_exchange(s, x, c, segment);
}

/* Returns whether nothing came any more of one end, though the other one tried. */
static bool is_dead(const struct shaped *x, const struct connection *c)
{
	return c->wire.syn_ack && !c->saw_rst &&
	       (x->in_vain[DIR_UPSTREAM] >= DEAD_TRIES || x->in_vain[DIR_DOWNSTREAM] >= DEAD_TRIES);
}

static void note_death(struct shape *s, const struct shaped *x, const struct connection *c)
{
	bool client_gone = x->in_vain[DIR_DOWNSTREAM] >= DEAD_TRIES;
	uint64_t bytes = c->wire.data_bytes[DIR_DOWNSTREAM];

	/* What a client has got is what it acknowledged, its SYN-ACK too. Of a server it is known
	 * to lie within the last segment that came. */
	if (client_gone)
		bytes = x->acked ? x->acked - 1 : 0;
	else
		bytes -= bytes > x->last_piece ? x->last_piece / 2 : bytes / 2;
	durations_add(&s->dead_at, (int64_t)bytes * SHAPE_UNIT);
	durations_add(&s->dead_after,
		      x->heard_at[client_gone ? DIR_UPSTREAM : DIR_DOWNSTREAM] - c->wire.syn);
	if (!s->dead_frame)
		s->dead_frame = x->in_vain_frame;
}

/* Notes how long the client has waited, when it left without what it had asked for. */
static void note_patience(struct shape *s, const struct connection *c)
{
	const struct wire_exchange *last = connection_current_exchange(c);
	int64_t end = c->wire.fin_at[DIR_UPSTREAM];

	if (!end)
		end = c->wire.rst_at[DIR_UPSTREAM];
	if (last && end > last->request_start)
		durations_add(&s->patience, end - last->request_start);
}

/* Notes a connection on which the server's kernel took a request, and that was all. */
static void note_hung(struct shape *s, const struct shaped *x, const struct connection *c)
{
	const struct wire_exchange *last = connection_current_exchange(c);
	const struct wire_connection *w = &c->wire;

	if (!last || w->data_bytes[DIR_DOWNSTREAM] || w->fin_at[DIR_DOWNSTREAM] ||
	    w->rst_at[DIR_DOWNSTREAM] || !w->data_bytes[DIR_UPSTREAM])
		return;
	durations_add(&s->request, (int64_t)last->request_bytes * SHAPE_UNIT);
	if (!s->hung++)
		s->hung_frame = x->asked_frame;
}

static void note_end(struct shape *s, const struct shaped *x, const struct connection *c)
{
	bool dead = is_dead(x, c);

	if (dead)
		note_death(s, x, c);
	else if (x->silent_at >= 0)
		durations_add(&s->silent_at, x->silent_at * SHAPE_UNIT);
	if (dead || x->silent_at >= 0 || !x->exchange.response_bytes)
		note_patience(s, c);
	if (x->answered) {
		s->worked++;
		durations_add(&s->exchanges_each, (int64_t)x->answered * SHAPE_UNIT);
	}
	if (!dead)
		note_hung(s, x, c);
	else
		return; /* nothing was lost: everything was */
	durations_add(&s->alive_at, (int64_t)c->wire.data_bytes[DIR_DOWNSTREAM] * SHAPE_UNIT);
	s->segments += c->wire.data_segments[DIR_DOWNSTREAM];
	/* What fills a hole soon was lost before the capture as well, if the capture has no order
	 * of its own: then most would be late. */
	s->again += c->wire.retransmissions[DIR_DOWNSTREAM];
	if (c->wire.out_of_order[DIR_DOWNSTREAM] < c->wire.retransmissions[DIR_DOWNSTREAM])
		s->again += c->wire.out_of_order[DIR_DOWNSTREAM];
}

static void ended_cb(void *arg, struct connection *c)
{
	struct shape_pass *pass = arg;
	struct shape *s = pass->shape;
	struct shaped *x = c->owner;

	if (!x)
		return;
	story_end(&x->story, c, pass->stream.last + pass->stream.shift);
	end_exchange(s, x, !is_dead(x, c));
	note_end(s, x, c);
	for (int d = 0; d < DIR_COUNT; d++)
		host_silence_forget(&pass->silences, &x->sides[d]);
	if (!x->closed)
		s->open--;
	story_fini(&x->story);
	free(x);
	c->owner = NULL;
}

static const struct segment_observer observer = {
    .began = began_cb,
    .before = before_cb,
    .taken = taken_cb,
    .ended = ended_cb,
};

int shape_read(const char *path, enum capture_leg leg, const struct addr *server, struct shape *s,
	       struct err *e)
{
	struct shape_pass pass = {.shape = s, .silences.found = pause_cb};
	int rc;

	memset(s, 0, sizeof(*s));
	s->server = *server;
	rc = packet_stream_read(path, leg, &observer, &pass, &pass.stream, e);
	host_silences_finish(&pass.silences);
	host_silences_fini(&pass.silences);
	pauses_finish(&s->pauses);
	packet_stream_fini(&pass.stream);
	return rc;
}

void shape_fini(struct shape *s)
{
	struct durations *all[] = {&s->request,	      &s->response,   &s->first,     &s->service,
				   &s->think,	      &s->rate,	      &s->silent_at, &s->cut_at,
				   &s->dead_at,	      &s->dead_after, &s->patience,  &s->alive_at,
				   &s->exchanges_each};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		durations_fini(all[i]);
	pauses_fini(&s->pauses);
}
