/* live_view.c - a packet waits three times: until the journal has named its connection, until what
 * wedge did about it is in the journal, and until the packets that the same event could mean have
 * come as well. Then it is shown, and forgotten. */
#include "scenarios/live/live_view.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/annotate/event_place.h"
#include "scenarios/annotate/journal_lines.h"
#include "scenarios/base/pcapng_blocks.h"
#include "scenarios/live/legs.h"

#include <string.h>

/* The capture hands packets over every 20 ms, a journal's writer its lines as often: on a busy host
 * later. */
#define PART_NS	 (200 * NS_PER_MS)
/* An event may be about a packet that comes 250 ms after it (wire_index.c). */
#define EVENT_NS (PART_NS + 300 * NS_PER_MS)
/* And about one that came as long before. */
#define SHOW_NS	 (EVENT_NS + 250 * NS_PER_MS)
/* An event of a connection that stands still is shown at its next packet. */
#define RETRY_NS (30 * NS_PER_S)

enum { RETRIED_MAX = 256 };

/* A packet of a leg that isn't shown yet, in the order of the leg's blocks. */
struct waiting {
	int64_t wall_ns;
	char *comment; /* NULL: none yet */
};

struct side {
	struct pcapng_buf raw; /* as it came, without what is in blocks; of LIVE_ALL one for both */
	size_t head;	       /* its section and interface; 0: not there yet */
	struct pcapng_buf blocks; /* a capture: the beginning, then the packets */
	size_t blocks_head;
	struct waiting *list;
	size_t n, room;
};

struct event_line {
	json_t *line;
	int64_t wall_ns;
};

struct live_view {
	enum live_input input;
	bool (*wanted)(void *arg, const uint8_t *packet, uint32_t caplen, uint32_t len);
	void *arg;
	bool begun;		   /* out has its section and interfaces */
	struct event_line *events; /* those still to be placed, in their order */
	size_t nevents, events_room;
	struct legs *legs; /* of LIVE_ALL */
	struct side side[LEG_COUNT];
	enum leg of[LEG_COUNT]; /* what each side is for events */
	struct annotation a;
};

struct live_view *live_view_new(enum live_input input,
				bool (*wanted)(void *arg, const uint8_t *packet, uint32_t caplen,
					       uint32_t len),
				void *arg)
{
	struct live_view *v = xcalloc(1, sizeof(*v));

	v->input = input;
	v->wanted = wanted;
	v->arg = arg;
	v->legs = legs_new();
	v->of[LEG_SERVER] = LEG_SERVER;
	return v;
}

void live_view_legs(struct live_view *v, const enum leg legs[LEG_COUNT])
{
	for (enum leg leg = 0; leg < LEG_COUNT; leg++)
		v->of[leg] = legs[leg];
}

static void free_side(struct side *s)
{
	for (size_t i = 0; i < s->n; i++)
		free(s->list[i].comment);
	free(s->list);
	free(s->raw.data);
	free(s->blocks.data);
	*s = (struct side){.n = 0};
}

static void forget_all(struct live_view *v)
{
	for (enum leg leg = 0; leg < LEG_COUNT; leg++)
		free_side(&v->side[leg]);
	for (size_t i = 0; i < v->nevents; i++)
		json_decref(v->events[i].line);
	v->nevents = 0;
	legs_free(v->legs);
	annotation_free(&v->a);
	v->a = (struct annotation){.placed = 0};
}

void live_view_begin_again(struct live_view *v)
{
	forget_all(v);
	v->legs = legs_new();
}

void live_view_free(struct live_view *v)
{
	if (!v)
		return;
	forget_all(v);
	free(v->events);
	free(v);
}

static void drop_front(struct pcapng_buf *b, size_t from, size_t to)
{
	memmove(b->data + from, b->data + to, b->len - to);
	b->len -= to - from;
}

/* Looks for the section and the interface that packets follow. */
static void find_head(struct live_view *v, struct side *s)
{
	struct pcapng_walk walk = {.data = s->raw.data, .len = s->raw.len};
	struct pcapng_block b;

	while (!s->head && pcapng_next(&walk, &b, NULL) == 1)
		if (b.kind == PCAPNG_INTERFACE)
			s->head = walk.at;
	for (enum leg leg = 0; leg < LEG_COUNT && s->head; leg++)
		if (v->input == LIVE_ALL || s == &v->side[leg]) {
			pcapng_put(&v->side[leg].blocks, s->raw.data, s->head);
			v->side[leg].blocks_head = s->head;
		}
}

int live_view_packets(struct live_view *v, enum leg leg, const void *data, size_t len,
		      struct err *e)
{
	struct side *s = &v->side[leg];
	struct pcapng_walk walk = {.len = 0};
	struct pcapng_block b;

	pcapng_put(&s->raw, data, len);
	if (s->head)
		return 0;
	find_head(v, s);
	walk.data = s->raw.data;
	walk.len = s->raw.len;
	/* Too short for a section is only too short yet. */
	return s->head || s->raw.len < 256 || pcapng_next(&walk, &b, e) == 1 ? 0 : -1;
}

void live_view_line(struct live_view *v, json_t *line, int64_t wall_ns)
{
	struct connection_line c;

	if (v->input == LIVE_ALL && journal_connection_line(line, &c))
		legs_learn(v->legs, &c);
	if (wall_ns < 0)
		return;
	if (v->nevents == v->events_room) {
		v->events_room = v->events_room ? 2 * v->events_room : 64;
		v->events = xrealloc(v->events, v->events_room, sizeof(*v->events));
	}
	v->events[v->nevents++] = (struct event_line){json_incref(line), wall_ns};
}

static void list_packets(struct side *s, size_t from)
{
	struct pcapng_walk walk = {.data = s->blocks.data, .len = s->blocks.len};
	struct pcapng_block b;

	for (size_t i = 0; pcapng_next(&walk, &b, NULL) == 1;) {
		if (b.kind != PCAPNG_PACKET || i++ < from)
			continue;
		if (s->n == s->room) {
			s->room = s->room ? 2 * s->room : 1024;
			s->list = xrealloc(s->list, s->room, sizeof(*s->list));
		}
		s->list[s->n++] = (struct waiting){.wall_ns = b.wall_ns};
	}
}

/* Returns where those packets of raw end that are from until then. */
static size_t due_end(const struct side *s, int64_t until)
{
	struct pcapng_walk walk = {.data = s->raw.data, .len = s->raw.len};
	struct pcapng_block b;
	size_t end = s->head;

	while (s->head && pcapng_next(&walk, &b, NULL) == 1) {
		if (b.kind == PCAPNG_PACKET && b.wall_ns > until)
			break;
		end = walk.at > end ? walk.at : end;
	}
	return end;
}

/* Gives the packets from until then to their legs. */
static void part_packets(struct live_view *v, struct side *s, int64_t until)
{
	size_t end = due_end(s, until);
	const struct mapped due = {s->raw.data, end};

	if (end <= s->head)
		return;
	if (v->input == LIVE_ALL)
		legs_part(v->legs, &due);
	else
		pcapng_put(&s->blocks, due.data + s->head, end - s->head);
	for (enum leg leg = 0; leg < LEG_COUNT; leg++) {
		if (v->input == LIVE_ALL)
			legs_append(v->legs, leg, &due, &v->side[leg].blocks);
		list_packets(&v->side[leg], v->side[leg].n);
	}
	drop_front(&s->raw, s->head, end);
}

static void keep_comments(struct side *s, struct comments *c)
{
	size_t at = 0;

	comments_sort(c);
	for (size_t i = 0; i < s->n && c->n; i++) {
		char *text = comments_at(c, &at, i), *both;

		if (!text || !s->list[i].comment) {
			s->list[i].comment = text ? text : s->list[i].comment;
			continue;
		}
		both = xasprintf("%s\n%s", s->list[i].comment, text);
		free(text);
		free(s->list[i].comment);
		s->list[i].comment = both;
	}
	comments_free(c);
	*c = (struct comments){.n = 0};
}

/* Places the events until then. Those that find no packet are tried again. */
static void place_events(struct live_view *v, int64_t until, int64_t too_old)
{
	size_t kept = 0, retried = 0;

	for (size_t i = 0; i < v->nevents; i++) {
		struct event_line *ev = &v->events[i];
		size_t missed = v->a.missed;

		if (ev->wall_ns <= until)
			annotation_take(&v->a, ev->line, ev->wall_ns);
		if (ev->wall_ns > until ||
		    (v->a.missed > missed && ev->wall_ns > too_old && retried++ < RETRIED_MAX))
			v->events[kept++] = *ev;
		else
			json_decref(ev->line);
	}
	v->nevents = kept;
}

static bool has_due_events(const struct live_view *v, int64_t until)
{
	return v->nevents && v->events[0].wall_ns <= until;
}

static void comment_packets(struct live_view *v, int64_t until)
{
	struct err ignored;

	if (!v->side[LEG_CLIENT].blocks_head || !v->side[LEG_SERVER].blocks_head ||
	    !has_due_events(v, until))
		return;
	for (enum leg leg = 0; leg < LEG_COUNT; leg++) {
		const struct pcapng_buf *b = &v->side[leg].blocks;

		wire_index_free(&v->a.wire[leg]);
		BUG_ON(wire_index_read(&v->a.wire[leg], v->of[leg], b->data, b->len, &ignored) ==
		       -1);
	}
	place_events(v, until, until - RETRY_NS);
	for (enum leg leg = 0; leg < LEG_COUNT; leg++)
		keep_comments(&v->side[leg], &v->a.comments[leg]);
}

/* A side's next packet, as far as it is old enough. */
struct cursor {
	struct side *side;
	struct pcapng_walk walk;
	size_t i, end; /* i: packets before it; end: bytes of the blocks before it */
};

static bool has_next(const struct cursor *c, int64_t until)
{
	return c->i < c->side->n && c->side->list[c->i].wall_ns <= until;
}

static void show_next(const struct live_view *v, struct cursor *c, uint32_t interface,
		      struct pcapng_buf *out)
{
	struct waiting *w = &c->side->list[c->i++];
	struct pcapng_block b;

	do {
		BUG_ON(pcapng_next(&c->walk, &b, NULL) != 1);
	} while (b.kind != PCAPNG_PACKET);
	c->end = c->walk.at;
	if (!v->wanted || v->wanted(v->arg, b.packet, b.caplen, b.wire_len))
		pcapng_copy(out, &b, interface, w->comment);
	free(w->comment);
}

static void forget_shown(struct cursor *c)
{
	struct side *s = c->side;

	if (!c->i)
		return;
	drop_front(&s->blocks, s->blocks_head, c->end);
	s->n -= c->i;
	memmove(s->list, s->list + c->i, s->n * sizeof(*s->list));
}

static void show_packets(struct live_view *v, int64_t until, struct pcapng_buf *out)
{
	struct cursor c[LEG_COUNT];

	for (enum leg leg = 0; leg < LEG_COUNT; leg++) {
		struct side *s = &v->side[leg];

		c[leg] = (struct cursor){.side = s,
					 .walk = {.data = s->blocks.data, .len = s->blocks.len}};
	}
	for (;;) {
		bool client = has_next(&c[LEG_CLIENT], until),
		     server = has_next(&c[LEG_SERVER], until);
		enum leg leg = LEG_CLIENT;

		if (!client && !server)
			break;
		if (server && (!client || c[LEG_SERVER].side->list[c[LEG_SERVER].i].wall_ns <
					      c[LEG_CLIENT].side->list[c[LEG_CLIENT].i].wall_ns))
			leg = LEG_SERVER;
		show_next(v, &c[leg], leg, out);
	}
	for (enum leg leg = 0; leg < LEG_COUNT; leg++)
		forget_shown(&c[leg]);
}

/* Of LIVE_LEGS the interfaces are what their captures say; -1 while that isn't known. */
static int begin_capture(struct live_view *v, struct pcapng_buf *out)
{
	static const char *const names[LEG_COUNT] = {"client leg", "server leg"};
	bool parted = v->input == LIVE_LEGS;

	if (v->begun)
		return 0;
	if (parted && (!v->side[LEG_CLIENT].head || !v->side[LEG_SERVER].head))
		return -1;
	v->begun = true;
	pcapng_section(out, PCAPNG_APPLICATION, NULL, NULL);
	for (enum leg leg = 0; leg < LEG_COUNT; leg++) {
		struct pcapng_walk walk = {.data = v->side[leg].raw.data, .len = v->side[leg].head};
		struct pcapng_block b;

		if (!parted)
			pcapng_interface(out, PCAPNG_LINKTYPE_LINUX_SLL2, 0, names[leg],
					 names[leg]);
		while (parted && pcapng_next(&walk, &b, NULL) == 1)
			if (b.kind == PCAPNG_INTERFACE)
				pcapng_copy(out, &b, 0, NULL);
	}
	return 0;
}

/* Moments are relative to now, but at the end, when nothing is waited for. */
static int64_t moment_before(int64_t now, int64_t ns)
{
	return now == INT64_MAX ? now : now - ns;
}

void live_view_show(struct live_view *v, int64_t now, struct pcapng_buf *out)
{
	if (begin_capture(v, out) == -1)
		return;
	for (enum leg leg = 0; leg < LEG_COUNT; leg++)
		part_packets(v, &v->side[leg], moment_before(now, PART_NS));
	comment_packets(v, moment_before(now, EVENT_NS));
	show_packets(v, moment_before(now, SHOW_NS), out);
}
