/* event_place.c - packets of the two legs travel opposite ways, so the leg, the stage's direction
 * and the kind of event say which packets can be meant. */
#include "scenarios/annotate/event_place.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/annotate/journal_lines.h"

#include <string.h>

#define SECONDS_MAX 1e6 /* a longer hold is a broken line */

struct event {
	const json_t *line;
	const struct event_words *words;
	const struct session_conns *conns; /* NULL: of no session */
	int64_t wall_ns;
};

static bool number_of(const json_t *line, const char *key, uint32_t *n)
{
	const json_t *value = json_object_get(line, key);

	*n = (uint32_t)json_integer_value(value);
	return json_is_integer(value);
}

static int64_t duration_of(const json_t *line, const char *key)
{
	double seconds = json_number_value(json_object_get(line, key));

	return seconds >= 0 && seconds < SECONDS_MAX ? (int64_t)(seconds * (double)NS_PER_S) : 0;
}

/* Returns the place of that session in the list, or where it would be. */
static size_t session_place(const struct annotation *a, size_t session)
{
	size_t low = 0, high = a->nsessions;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (a->sessions[mid].session < session)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static struct session_conns *conns_of(struct annotation *a, const json_t *line)
{
	json_int_t session = json_integer_value(json_object_get(line, "session"));
	size_t at = session > 0 ? session_place(a, (size_t)session) : a->nsessions;

	return at < a->nsessions && a->sessions[at].session == (size_t)session ? &a->sessions[at]
									       : NULL;
}

/* Returns the session's entry, a new one where there is none; mostly the last. */
static struct session_conns *add_session(struct annotation *a, size_t session)
{
	size_t at = session_place(a, session);

	if (at < a->nsessions && a->sessions[at].session == session)
		return &a->sessions[at];
	if (a->nsessions == a->sessions_room) {
		a->sessions_room = 2 * a->sessions_room + 64;
		a->sessions = xrealloc(a->sessions, a->sessions_room, sizeof(*a->sessions));
	}
	memmove(&a->sessions[at + 1], &a->sessions[at], (a->nsessions - at) * sizeof(*a->sessions));
	a->nsessions++;
	a->sessions[at] = (struct session_conns){.session = session};
	return &a->sessions[at];
}

/* Both captures may be of the same leg of wedge's, taken in two places: a packet of one is in the
 * other, too. */
static bool are_of_one_leg(const struct annotation *a)
{
	return a->wire[LEG_CLIENT].leg == a->wire[LEG_SERVER].leg;
}

/* True when the server sees the client's own address and port (transparent). */
static bool same_tuple(const struct session_conns *c)
{
	return c->known[LEG_CLIENT] && c->known[LEG_SERVER] &&
	       memcmp(&c->leg[LEG_CLIENT], &c->leg[LEG_SERVER], sizeof(c->leg[0])) == 0;
}

static void learn_connection(struct annotation *a, const json_t *line)
{
	struct connection_line l;
	struct session_conns *s;

	if (!journal_connection_line(line, &l))
		return;
	s = add_session(a, l.session);
	for (enum leg i = 0; i < LEG_COUNT; i++)
		if (l.leg[i]) {
			s->leg[i] = l.conn;
			s->known[i] = true;
		}
	a->one_tuple |= same_tuple(s);
}

static void add_comment(struct annotation *a, int file, size_t frame, const struct event *ev,
			bool seen)
{
	char text[EVENT_TEXT];

	comments_add(&a->comments[file], frame, event_sentence(ev->words, ev->line, seen, text));
}

static bool names_leg(const struct event *ev, enum leg leg)
{
	const char *name = journal_line_text(ev->line, "leg");

	return strcmp(name, "forwarded") == 0 || strcmp(name, leg_name(leg)) == 0;
}

static enum dir dir_of(const struct event *ev)
{
	return strcmp(journal_line_text(ev->line, "direction"), dir_name(DIR_UPSTREAM)) == 0
		   ? DIR_UPSTREAM
		   : DIR_DOWNSTREAM;
}

/* Finds the event's packet on either leg that the event names, among those that came to wedge
 * (came) or those that left it. A packet that was held came earlier, a delayed one leaves later. */
static bool find_packet(struct annotation *a, const struct event *ev, bool came)
{
	struct packet_match want = {.pure_ack = ev->words->pure_ack, .any_flags = ev->words->flags};
	int64_t at = ev->wall_ns;
	bool found = false;

	want.by_seq = number_of(ev->line, "seq", &want.seq);
	want.by_ack = number_of(ev->line, "ack", &want.ack);
	want.by_len = number_of(ev->line, "len", &want.len);
	if (!want.by_seq && !want.by_ack && !want.any_flags)
		return false;
	if (came)
		at -= duration_of(ev->line, "held");
	else if (ev->words->about == ABOUT_PASSED)
		at += duration_of(ev->line, "for");
	for (int file = 0; file < LEG_COUNT && (!found || are_of_one_leg(a)); file++) {
		enum leg leg = a->wire[file].leg;
		enum dir travel = came == (leg == LEG_CLIENT) ? DIR_UPSTREAM : DIR_DOWNSTREAM;
		/* Data travels in the stage's direction, its ACKs against it. */
		bool wrong_way = (want.pure_ack && travel == dir_of(ev)) ||
				 (want.by_len && want.len && travel != dir_of(ev));
		size_t frame;

		if (wrong_way || !names_leg(ev, leg) || !ev->conns->known[leg])
			continue;
		frame = wire_find(&a->wire[file], &ev->conns->leg[leg], &want, came, at);
		if (frame == FRAME_NONE)
			continue;
		add_comment(a, file, frame, ev, true);
		found = true;
	}
	return found;
}

/* Returns the leg where a change of the stream shows: the one that its bytes leave by. */
static enum leg leg_of_stream(const struct event *ev)
{
	const char *leg = journal_line_text(ev->line, "leg");

	if (strcmp(leg, leg_name(LEG_SERVER)) == 0)
		return LEG_SERVER;
	if (strcmp(leg, leg_name(LEG_CLIENT)) == 0 || !json_object_get(ev->line, "direction"))
		return LEG_CLIENT;
	return dir_of(ev) == DIR_UPSTREAM ? LEG_SERVER : LEG_CLIENT;
}

/* Finds the FIN or RST that the stream's event made, on the leg where it shows. */
static bool find_made(struct annotation *a, const struct event *ev)
{
	const struct packet_match want = {.any_flags = ev->words->flags};
	enum leg leg = leg_of_stream(ev);
	bool found = false;

	for (int file = 0; file < LEG_COUNT && ev->conns->known[leg]; file++) {
		size_t frame = FRAME_NONE;

		if (a->wire[file].leg == leg)
			frame = wire_find(&a->wire[file], &ev->conns->leg[leg], &want, false,
					  ev->wall_ns);
		if (frame == FRAME_NONE)
			continue;
		add_comment(a, file, frame, ev, true);
		found = true;
	}
	return found;
}

/* Puts the comment at the session's last packet before the event, in the captures of that leg. */
static bool find_moment_on(struct annotation *a, const struct event *ev, enum leg leg)
{
	bool found = false;

	for (int file = 0; file < LEG_COUNT && ev->conns->known[leg]; file++) {
		size_t frame = FRAME_NONE;

		if (a->wire[file].leg == leg)
			frame = wire_near(&a->wire[file], &ev->conns->leg[leg], ev->wall_ns);
		if (frame == FRAME_NONE)
			continue;
		add_comment(a, file, frame, ev, false);
		found = true;
	}
	return found;
}

/* The same on the leg where the event shows, else on the other one. */
static bool find_moment(struct annotation *a, const struct event *ev)
{
	enum leg first = leg_of_stream(ev);

	return find_moment_on(a, ev, first) ||
	       find_moment_on(a, ev, first == LEG_CLIENT ? LEG_SERVER : LEG_CLIENT);
}

/* Puts an event that concerns every session into both captures. */
static bool find_common_moment(struct annotation *a, const struct event *ev)
{
	bool found = false;

	for (int file = 0; file < LEG_COUNT; file++) {
		size_t frame = wire_near(&a->wire[file], NULL, ev->wall_ns);

		if (frame == FRAME_NONE)
			continue;
		add_comment(a, file, frame, ev, false);
		found = true;
	}
	return found;
}

static bool find_place(struct annotation *a, const struct event *ev)
{
	if (!json_object_get(ev->line, "session"))
		return find_common_moment(a, ev);
	if (!ev->conns)
		return false;
	switch (ev->words->about) {
	case ABOUT_PASSED:
		if (find_packet(a, ev, false) || find_packet(a, ev, true))
			return true;
		break;
	case ABOUT_STOPPED:
		if (find_packet(a, ev, true))
			return true;
		break;
	case ABOUT_MADE:
		if (find_made(a, ev))
			return true;
		break;
	case ABOUT_MOMENT:
	case ABOUT_NOTHING:
		break;
	}
	return !ev->words->quiet && find_moment(a, ev);
}

void annotation_take(struct annotation *a, const json_t *line, int64_t wall_ns)
{
	struct event ev = {line, event_words(line), NULL, wall_ns};

	learn_connection(a, line);
	ev.conns = conns_of(a, line);
	if (ev.words->about == ABOUT_NOTHING)
		return;
	if (find_place(a, &ev))
		a->placed++;
	else if (!ev.words->quiet)
		a->missed++;
}

void annotation_free(struct annotation *a)
{
	for (int leg = 0; leg < LEG_COUNT; leg++) {
		wire_index_free(&a->wire[leg]);
		comments_free(&a->comments[leg]);
	}
	free(a->sessions);
}
