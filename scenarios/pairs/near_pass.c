/* near_pass.c - an observer with a story for each connection, as a diagnosis has, and moments for
 * some of its segments. */
#include "scenarios/pairs/near_pass.h"

#include "proxy/base/mem.h"
#include "scenarios/diagnosis/story.h"

#include <string.h>

/* Of each direction's segments the first many give moments for the clocks, then ever fewer. */
#define ALIGN_FIRST 32
#define ALIGN_EVERY 256

struct near_story {
	struct story story;
	struct near_pass *pass;
	uint64_t segments[DIR_COUNT];
};

static struct near_connection *get_connection(struct near_pass *p, const struct connection *c)
{
	size_t index = c->wire.index;

	if (index >= p->nconnections) {
		size_t n = p->nconnections ? p->nconnections * 2 : 64;

		while (n <= index)
			n *= 2;
		p->connections = xrealloc(p->connections, n, sizeof(*p->connections));
		memset(p->connections + p->nconnections, 0,
		       (n - p->nconnections) * sizeof(*p->connections));
		p->nconnections = n;
	}
	return &p->connections[index];
}

static uint64_t stream_offset(const struct near_pass *p, const struct connection *c, enum dir dir,
			      uint64_t seq)
{
	return identity_offset(&p->identities.list[c->wire.index], dir, seq);
}

/* Returns whether the stall lies between two pieces of data that the other capture can have, too.
 */
static bool has_moments(const struct gap *g)
{
	return g->established && g->end && g->end->fresh && !g->end->again;
}

static void take_stall(void *arg, const struct gap *g, const struct stall *stall)
{
	struct near_pass *p = arg;
	enum dir before = g->wait->dir, after;
	struct near_stall x = {.stall = *stall, .connection = g->c->wire.index, .acked = NO_POINT};
	struct points *points;
	uint64_t sent;

	if (!get_connection(p, g->c)->selected)
		return;
	if (!has_moments(g)) {
		durations_add(&p->unsplit[stall->cause], stall->to - stall->from);
		return;
	}
	/* The step before is data's end, the one behind data's first byte. */
	if (p->nstalls == NEAR_STALLS_MAX) {
		p->not_kept++;
		return;
	}
	points = &get_connection(p, g->c)->points;
	after = g->end->dir;
	x.before_dir = before;
	x.after_dir = after;
	sent = stream_offset(p, g->c, before,
			     before == after ? g->end->seq : g->c->half[before].seq.next);
	if (!sent) { /* nothing was sent before, but the handshake */
		durations_add(&p->unsplit[stall->cause], stall->to - stall->from);
		return;
	}
	x.before = points_add(&points->sent[before], sent, g->from);
	if (before == after && g->wait->ack[before].at)
		x.acked = points_add(&points->acked[before], sent, g->wait->ack[before].at);
	x.after =
	    points_add(&points->sent[after], stream_offset(p, g->c, after, g->end->seq) + 1, g->to);
	if (p->nstalls == p->stall_room) {
		p->stall_room = p->stall_room ? p->stall_room * 2 : 64;
		p->stalls = xrealloc(p->stalls, p->stall_room, sizeof(*p->stalls));
	}
	p->stalls[p->nstalls++] = x;
}

static void began_cb(void *arg, struct connection *c)
{
	struct near_story *s = xcalloc(1, sizeof(*s));
	struct near_pass *p = arg;
	struct selection *selection = &p->selection;

	selection_begin(selection, p->stream.first);
	get_connection(p, c)->selected = selection_has(selection, &c->wire);
	s->pass = p;
	s->story.since = selection->since.given ? selection->since.ns : 0;
	s->story.until = selection->until.given ? selection->until.ns : 0;
	s->story.on_stall = take_stall;
	s->story.on_stall_arg = arg;
	c->owner = s;
}

static void before_cb(void *arg, struct connection *c, const struct segment *segment)
{
	struct near_story *s = c->owner;

	(void)arg;
	(void)segment;
	story_before_segment(&s->story, c);
}

static void taken_cb(void *arg, struct connection *c, const struct segment *segment)
{
	struct near_pass *p = arg;
	struct near_story *s = c->owner;
	uint64_t n;

	identities_take(&p->identities, c, segment);
	story_take_segment(&s->story, c, segment);
	if (!segment->fresh || segment->late || segment->again)
		return;
	n = s->segments[segment->dir]++;
	if (n >= ALIGN_FIRST && n % ALIGN_EVERY)
		return;
	points_add(&get_connection(p, c)->points.sent[segment->dir],
		   stream_offset(p, c, segment->dir, segment->seq) + segment->fresh, segment->at);
}

static void ended_cb(void *arg, struct connection *c)
{
	struct near_pass *p = arg;
	struct near_story *s = c->owner;

	story_end(&s->story, c, p->stream.last + p->stream.shift);
	get_connection(p, c)->lost = tallies_lost(&s->story.tallies);
	story_fini(&s->story);
	free(s);
	c->owner = NULL;
}

static const struct segment_observer observer = {
    .began = began_cb,
    .before = before_cb,
    .taken = taken_cb,
    .ended = ended_cb,
};

int near_pass_read(const struct pair_source *from, const struct selection *selection,
		   struct near_pass *p, struct err *e)
{
	memset(p, 0, sizeof(*p));
	if (selection)
		p->selection = *selection;
	return packet_stream_read(from->path, from->leg, &observer, p, &p->stream, e);
}

void near_pass_fini(struct near_pass *p)
{
	packet_stream_fini(&p->stream);
	identities_fini(&p->identities);
	for (size_t i = 0; i < p->nconnections; i++)
		points_fini(&p->connections[i].points);
	for (int c = 0; c < CAUSE_COUNT; c++)
		durations_fini(&p->unsplit[c]);
	free(p->connections);
	free(p->stalls);
	memset(p, 0, sizeof(*p));
}
