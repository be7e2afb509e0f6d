/* far_pass.c - two observers of one file. */
#include "scenarios/pairs/far_pass.h"

static void identity_cb(void *arg, struct connection *c, const struct segment *s)
{
	identities_take(arg, c, s);
}

static const struct segment_observer identity_observer = {.taken = identity_cb};

int far_pass_identities(const struct pair_source *from, struct identities *ids, int64_t *first,
			int64_t *last, struct err *e)
{
	struct packet_stream s;
	int rc = packet_stream_read(from->path, from->leg, &identity_observer, ids, &s, e);

	*first = s.first;
	*last = s.last;
	packet_stream_fini(&s);
	return rc;
}

struct moments {
	struct near_pass *near;
	const struct identities *ids;
	const struct twins *twins;
};

static void moment_cb(void *arg, struct connection *c, const struct segment *s)
{
	struct moments *m = arg;
	const struct identity *id = &m->ids->list[c->wire.index];
	uint32_t twin = m->twins->back[c->wire.index];
	enum dir other = dir_reverse(s->dir);
	struct points *points;

	if (twin == NO_TWIN || twin >= m->near->nconnections || s->copy || s->out_of_place)
		return;
	points = &m->near->connections[twin].points;
	if (s->fresh)
		points_meet(&points->sent[s->dir],
			    identity_offset(id, s->dir, c->half[s->dir].seq.next), s->at);
	if (s->acked)
		points_meet(&points->acked[other], identity_offset(id, other, c->half[other].una),
			    s->at);
}

static const struct segment_observer moment_observer = {.taken = moment_cb};

int far_pass_moments(const struct pair_source *from, struct near_pass *near,
		     const struct identities *ids, const struct twins *twins, struct err *e)
{
	struct moments m = {near, ids, twins};
	struct packet_stream s;
	int rc = packet_stream_read(from->path, from->leg, &moment_observer, &m, &s, e);

	packet_stream_fini(&s);
	return rc;
}
