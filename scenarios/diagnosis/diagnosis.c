/* diagnosis.c - the observer that has a story for each connection, and adds them up when they end.
 */
#include "scenarios/diagnosis/diagnosis.h"

#include "proxy/base/mem.h"
#include "scenarios/diagnosis/story.h"

#include <string.h>

static void began_cb(void *arg, struct connection *c)
{
	(void)arg;
	c->owner = xcalloc(1, sizeof(struct story));
}

static void before_cb(void *arg, struct connection *c, const struct segment *s)
{
	(void)arg;
	(void)s;
	story_before_segment(c->owner, c);
}

static void taken_cb(void *arg, struct connection *c, const struct segment *s)
{
	(void)arg;
	story_take_segment(c->owner, c, s);
}

static void ended_cb(void *arg, struct connection *c)
{
	struct diagnosis *d = arg;
	struct story *s = c->owner;
	const struct wire_connection *w = &c->wire;

	/* One whose addresses and ports were used again has ended before that. */
	story_end(s, c, d->stream.last + d->stream.shift);
	service_take(services_get(&d->services, &w->server), w, &s->tallies, s->begin, s->end);
	ranking_take(&d->ranking, w, &s->tallies, s->begin, s->end);
	story_fini(s);
	free(s);
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
	ranking_init(&d->ranking, ranked);
	while ((rc = capture_reader_next(r, &p, &broken)) == 1)
		packet_stream_take(&d->stream, &p);
	packet_stream_finish(&d->stream);
	capture_reader_counts(r, &d->capture);
	for (size_t i = 0; i < d->services.n; i++)
		service_merge(&d->all, d->services.list[i]);
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
	free(d->cut_short);
}
