/* diagnosis.c - the observer that has a story for each connection, and adds them up when they end.
 */
#include "scenarios/diagnosis/diagnosis.h"

#include "proxy/base/mem.h"
#include "scenarios/diagnosis/doubts.h"
#include "scenarios/diagnosis/story.h"

#include <string.h>

/* What is kept of a connection while it is open. */
struct kept {
	struct story story;
	struct member member;
	struct host_side sides[DIR_COUNT];
};

static void frozen_cb(void *owner, enum dir host, const struct host_silence *silence)
{
	story_freeze(&((struct kept *)owner)->story, host, silence->since, silence->to);
}

static void began_cb(void *arg, struct connection *c)
{
	struct diagnosis *d = arg;
	struct kept *k = xcalloc(1, sizeof(*k));

	c->owner = k;
	k->member.service = services_get(&d->services, &c->wire.server);
}

static void before_cb(void *arg, struct connection *c, const struct segment *s)
{
	struct diagnosis *d = arg;
	struct kept *k = c->owner;

	host_silence_take_segment(&d->silences, k->sides, c, s, k);
	story_before_segment(&k->story, c);
}

static void taken_cb(void *arg, struct connection *c, const struct segment *s)
{
	struct diagnosis *d = arg;
	struct kept *k = c->owner;

	story_take_segment(&k->story, c, s);
	groups_take_segment(&d->groups, &k->member, c, s);
}

static void ended_cb(void *arg, struct connection *c)
{
	struct diagnosis *d = arg;
	struct kept *k = c->owner;
	struct story *s = &k->story;
	int64_t end = d->stream.last + d->stream.shift;
	const struct wire_connection *w = &c->wire;

	/* One whose addresses and ports were used again has ended before that. */
	story_end(s, c, end);
	vantages_add(&d->vantages, c, s->ttl);
	groups_end_connection(&d->groups, &k->member, c, &s->answers, end);
	service_take(k->member.service, w, &s->tallies, s->begin, s->end);
	ranking_take(&d->ranking, w, &s->tallies, s->begin, s->end);
	story_fini(s);
	for (int dir = 0; dir < DIR_COUNT; dir++)
		host_silence_forget(&d->silences, &k->sides[dir]);
	free(k);
	c->owner = NULL;
}

static const struct segment_observer observer = {
    .began = began_cb,
    .before = before_cb,
    .taken = taken_cb,
    .ended = ended_cb,
};

int diagnosis_read(const char *path, size_t ranked, struct diagnosis *d, struct err *e)
{
	struct capture_reader *r;
	struct capture_packet p;
	struct err broken;
	int rc;

	if (capture_reader_open(path, &r, e))
		return -1;
	memset(d, 0, sizeof(*d));
	packet_stream_init(&d->stream, &observer, d);
	d->silences.found = frozen_cb;
	ranking_init(&d->ranking, ranked);
	while ((rc = capture_reader_next(r, &p, &broken)) == 1)
		packet_stream_take(&d->stream, &p);
	host_silences_finish(&d->silences);
	packet_stream_finish(&d->stream);
	capture_reader_counts(r, &d->capture);
	for (size_t i = 0; i < d->services.n; i++) {
		struct service *x = d->services.list[i];

		doubts_settle(&x->tallies, x->counts.exchanges);
		service_merge(&d->all, x);
	}
	groups_finish(&d->groups, &d->services);
	capture_reader_close(r);
	if (rc == -1 && d->stream.packets == d->capture.unknown_link) {
		diagnosis_fini(d);
		return err_set(e, "capture %s: %s", path, broken.text);
	}
	if (rc == -1)
		d->cut_short = xstrdup(broken.text);
	return 0;
}

void diagnosis_fini(struct diagnosis *d)
{
	packet_stream_fini(&d->stream);
	services_fini(&d->services);
	service_fini(&d->all);
	ranking_fini(&d->ranking);
	groups_fini(&d->groups);
	vantages_fini(&d->vantages);
	host_silences_fini(&d->silences);
	free(d->cut_short);
}
