/* choice.c - one reading of the capture; of each connection its last time, its packets and its
 * longest pause are kept. */
#include "scenarios/shown_connection/choice.h"

#include "proxy/base/mem.h"
#include "scenarios/analysis/packet_stream.h"

struct candidate {
	int64_t last, pause;
	uint64_t packets;
	uint64_t behind; /* the packet that ended the longest pause */
	bool marked, over;
};

struct search {
	uint32_t frame;
	struct candidate *list; /* by tcp.stream */
	size_t n;
	const uint32_t *marked; /* the rest of these */
	size_t nmarked;
	bool any_marked;
	struct choice *out;
};

static struct candidate *find_candidate(struct search *s, uint32_t index)
{
	size_t n = s->n;

	if (index >= n) {
		s->n = 2 * (size_t)index + 16;
		s->list = xrealloc(s->list, s->n, sizeof(*s->list));
		for (; n < s->n; n++)
			s->list[n] = (struct candidate){.packets = 0};
	}
	return &s->list[index];
}

static void taken_cb(void *arg, struct connection *c, const struct segment *segment)
{
	struct search *s = arg;
	struct candidate *one = find_candidate(s, c->wire.index);

	if (one->packets && segment->at - one->last > one->pause) {
		one->pause = segment->at - one->last;
		one->behind = one->packets;
	}
	if (segment->frame == s->frame) {
		s->out->by_frame = true;
		s->out->connection = c->wire.index;
		s->out->packet = one->packets;
	}
	while (s->nmarked && *s->marked < segment->frame) {
		s->marked++;
		s->nmarked--;
	}
	if (s->nmarked && *s->marked == segment->frame)
		one->marked = s->any_marked = true;
	one->over = c->saw_fin || c->saw_rst;
	one->last = segment->at;
	one->packets++;
}

static const struct segment_observer observer = {.taken = taken_cb};

/* Takes the longest pause: between two packets, or from the last one to the capture's end, unless
 * the connection was ended. */
static void choose_by_pause(struct search *s, int64_t end)
{
	int64_t longest = -1;

	for (size_t i = 0; i < s->n; i++) {
		struct candidate *one = &s->list[i];

		if (!one->packets || one->marked != s->any_marked)
			continue;
		if (!one->over && end - one->last > one->pause) {
			one->pause = end - one->last;
			one->behind = one->packets - 1;
		}
		if (one->pause <= longest)
			continue;
		longest = one->pause;
		s->out->connection = (uint32_t)i;
		s->out->packet = one->behind;
	}
}

int choose_connection(const char *path, uint32_t frame, const uint32_t *marked, size_t n,
		      struct choice *out, struct err *e)
{
	struct search s = {.frame = frame, .marked = marked, .nmarked = n, .out = out};
	struct packet_stream stream;
	bool any = false;
	int rc;

	*out = (struct choice){.packets = 0};
	rc = packet_stream_read(path, CAPTURE_LEG_NONE, &observer, &s, &stream, e);
	if (rc == 0) {
		out->end = packet_stream_end(&stream);
		if (!out->by_frame)
			choose_by_pause(&s, out->end);
		any = s.n > out->connection;
		if (any)
			out->packets = s.list[out->connection].packets;
	}
	packet_stream_fini(&stream);
	free(s.list);
	return rc == -1 ? -1 : any;
}
