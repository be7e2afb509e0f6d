/* shape.c - an observer of one service: an exchange is counted when the next one begins, or its
 * connection has ended. */
#include "scenarios/fit/shape.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/analysis/packet_stream.h"
#include "scenarios/diagnosis/story.h"

#include <string.h>

struct shaped {
	struct story story;
	struct wire_exchange exchange; /* the one under way, as the last segment has left it */
	size_t nexchanges;
	uint32_t frames[2]; /* the first and last segment of its response */
	bool first_taken;   /* of its response */
	bool cut_told, closed;
};

struct shape_pass {
	struct shape *shape;
	struct packet_stream stream;
};

static void end_exchange(struct shape *s, const struct shaped *shaped)
{
	const struct wire_exchange *x = &shaped->exchange;
	int64_t took = x->response_end - x->response_start;

	if (!x->response_bytes)
		return;
	s->exchanges++;
	durations_add(&s->request, (int64_t)x->request_bytes * SHAPE_UNIT);
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
	struct shape *s = arg;
	uint64_t bytes = g->c->wire.data_bytes[DIR_DOWNSTREAM];

	if (stall->cause != CAUSE_MIDSTREAM_SILENCE)
		return;
	if (g->end && g->end->dir == DIR_DOWNSTREAM)
		bytes -= g->end->fresh;
	durations_add(&s->silent_at, (int64_t)bytes * SHAPE_UNIT);
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
	x->story.on_stall = stall_cb;
	x->story.on_stall_arg = s;
	c->owner = x;
}

static void before_cb(void *arg, struct connection *c, const struct segment *segment)
{
	struct shaped *x = c->owner;

	(void)arg;
	(void)segment;
	if (x)
		story_before_segment(&x->story, c);
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
		end_exchange(s, x);
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
	if (segment->fresh)
		take_exchange(s, x, c, segment);
}

static void ended_cb(void *arg, struct connection *c)
{
	struct shape_pass *pass = arg;
	struct shape *s = pass->shape;
	struct shaped *x = c->owner;

	if (!x)
		return;
	story_end(&x->story, c, pass->stream.last + pass->stream.shift);
	end_exchange(s, x);
	s->segments += c->wire.data_segments[DIR_DOWNSTREAM];
	/* What fills a hole soon was lost before the capture as well, if the capture has no order
	 * of its own: then most would be late. */
	s->again += c->wire.retransmissions[DIR_DOWNSTREAM];
	if (c->wire.out_of_order[DIR_DOWNSTREAM] < c->wire.retransmissions[DIR_DOWNSTREAM])
		s->again += c->wire.out_of_order[DIR_DOWNSTREAM];
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

int shape_read(const char *path, const struct addr *server, struct shape *s, struct err *e)
{
	struct shape_pass pass = {.shape = s};
	int rc;

	memset(s, 0, sizeof(*s));
	s->server = *server;
	rc = packet_stream_read(path, &observer, &pass, &pass.stream, e);
	packet_stream_fini(&pass.stream);
	return rc;
}

void shape_fini(struct shape *s)
{
	struct durations *all[] = {&s->request, &s->response, &s->first,     &s->service,
				   &s->think,	&s->rate,     &s->silent_at, &s->cut_at};

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		durations_fini(all[i]);
}
