/* event_words.c - what a line of the journal says to people, and what it says about packets. An
 * event that it has no words for is told by its name and members. */
#include "scenarios/report/event_words.h"

#include "proxy/base/units.h"
#include "proxy/packet/tcp_view.h"
#include "scenarios/report/layout.h"

#include <stdarg.h>
#include <string.h>

static const struct event_words table[] = {
    {"connection", ABOUT_NOTHING, NULL, NULL, true, false, 0},
    {"decision", ABOUT_NOTHING, NULL, NULL, true, false, 0},

    {"ack_held", ABOUT_KEPT, "ACK held from here on", NULL, true, true, 0},
    {"ack_released", ABOUT_PASSED, "ACK held", "released", false, true, 0},
    {"ack_dropped", ABOUT_KEPT, "ACK held", "dropped", true, true, 0},
    {"syn_ack_held", ABOUT_KEPT, "SYN-ACK held from here on", NULL, true, false, TCP_SYN},
    {"syn_ack_released", ABOUT_PASSED, "SYN-ACK held", "released", false, false, TCP_SYN},
    {"syn_ack_dropped", ABOUT_KEPT, "SYN-ACK dropped", NULL, false, false, TCP_SYN},
    {"syn_dropped", ABOUT_KEPT, "SYN dropped", NULL, false, false, TCP_SYN},
    {"segment_held", ABOUT_KEPT, "held from here on", NULL, true, false, 0},
    {"segment_released", ABOUT_PASSED, "held", "released", false, false, 0},
    {"segment_delayed", ABOUT_PASSED, "delayed", NULL, false, false, 0},
    {"segment_duplicated", ABOUT_PASSED, "duplicated", NULL, false, false, 0},
    {"segment_spoilt", ABOUT_PASSED, "checksum spoilt", NULL, false, false, 0},
    {"segment_lost", ABOUT_KEPT, "dropped", NULL, false, false, 0},
    {"segment_ignored", ABOUT_KEPT, "dropped", NULL, false, false, 0},
    {"fin_swallowed", ABOUT_KEPT, "FIN dropped", NULL, false, false, TCP_FIN},
    {"rst_swallowed", ABOUT_KEPT, "RST dropped", NULL, false, false, TCP_RST},
    {"rst_injected", ABOUT_PASSED, "RST made", NULL, false, false, TCP_RST},
    {"rst_repeated", ABOUT_PASSED, "RST made again", NULL, false, false, TCP_RST},
    {"stale_answered", ABOUT_PASSED, "RST made", NULL, false, false, TCP_RST},

    {"reset", ABOUT_MADE, "connection reset", NULL, false, false, TCP_RST},
    {"cut", ABOUT_MADE, "connection cut", NULL, false, false, TCP_FIN | TCP_RST},
    {"half_close", ABOUT_MADE, "half-closed", NULL, false, false, TCP_FIN | TCP_RST},
    {"session_refused", ABOUT_MADE, "session refused", NULL, false, false, TCP_FIN | TCP_RST},

    {"stall", ABOUT_MOMENT, "stall begun", NULL, false, false, 0},
    {"stall_over", ABOUT_MOMENT, "stall ended", NULL, false, false, 0},
    {"eat", ABOUT_MOMENT, "bytes eaten", NULL, false, false, 0},
    {"add", ABOUT_MOMENT, "bytes added", NULL, false, false, 0},
    {"discard", ABOUT_MOMENT, "held bytes discarded", NULL, false, false, 0},
    {"vanished", ABOUT_MOMENT, "nothing passes any more", NULL, false, false, 0},
};

/* Why something held was let go. */
static const char *const reasons[][2] = {
    {"timer", "by its timer"},
    {"count", "as enough segments are covered"},
    {"piggyback", "as a later segment says the same"},
    {"replaced", "as a newer one replaces it"},
    {"duplicate", "as it says nothing new"},
    {"fin", "because of a FIN"},
    {"rst", "because of an RST"},
    {"drained", "as the impairment stopped acting"},
};

static const char *text_of(const json_t *line, const char *key)
{
	const char *text = json_string_value(json_object_get(line, key));

	return text ? text : "";
}

/* Stages act, and a few lines of the proxy itself tell of bytes that were lost. Acting from the
 * beginning is no event of its own. */
const struct event_words *event_words(const json_t *line)
{
	static const struct event_words other = {.about = ABOUT_MOMENT},
					nothing = {.about = ABOUT_NOTHING};
	const char *event = text_of(line, "event");

	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (strcmp(event, table[i].event) == 0)
			return &table[i];
	if (!json_object_get(line, "stage") ||
	    strcmp(text_of(line, "why"), "from the beginning") == 0)
		return &nothing;
	return &other;
}

/* Text that grows in a buffer of EVENT_TEXT and is cut at its end. */
struct sentence {
	char *buf;
	size_t used;
};

WG_PRINTF(2, 3) static void say(struct sentence *s, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(s->buf + s->used, EVENT_TEXT - s->used, fmt, ap);
	va_end(ap);
	if (n > 0)
		s->used += (size_t)n;
	if (s->used >= EVENT_TEXT)
		s->used = EVENT_TEXT - 1;
}

static bool is_one_of(const char *const *list, const char *key)
{
	for (; *list; list++)
		if (strcmp(*list, key) == 0)
			return true;
	return false;
}

static void say_member(struct sentence *s, const struct event_words *w, const char *key,
		       const json_t *value)
{
	static const char *const durations[] = {"for", "held", "delay", "at", NULL};
	char buf[UNITS_TEXT];

	/* What is held may go earlier. */
	if (strcmp(key, "for") == 0 && w->about == ABOUT_KEPT)
		say(s, "at most ");
	else if (strcmp(key, "why") != 0)
		say(s, "%s ", key);
	if (json_is_string(value))
		say(s, "%s", json_string_value(value));
	else if (json_is_integer(value))
		say(s, "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		say(s, "%s", json_is_true(value) ? "yes" : "no");
	else if (is_one_of(durations, key))
		say(s, "%s", format_seconds(json_number_value(value), buf));
	else
		say(s, "%g", json_number_value(value));
}

static void say_reason(struct sentence *s, const json_t *line)
{
	const char *reason = text_of(line, "reason");

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (strcmp(reason, reasons[i][0]) == 0) {
			say(s, " %s", reasons[i][1]);
			return;
		}
	if (*reason)
		say(s, " (%s)", reason);
}

/* All that isn't said yet; what the packet itself shows is left out where the packet is there. */
static void say_members(struct sentence *s, const struct event_words *w, const json_t *line,
			bool seen)
{
	static const char *const said[] = {"t",	  "event",	"stage",     "session",
					   "leg", "unrecorded", "direction", NULL};
	static const char *const shown[] = {"seq", "ack", "len", NULL};
	const char *before = w->tail ? ", " : ": ", *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)line, key, value)
	{
		if (is_one_of(said, key) || (seen && is_one_of(shown, key)) ||
		    (w->tail && (strcmp(key, "held") == 0 || strcmp(key, "reason") == 0)))
			continue;
		say(s, "%s", before);
		say_member(s, w, key, value);
		before = ", ";
	}
	if (!seen && w->about == ABOUT_KEPT)
		say(s, "%snot in this capture", before);
}

static void say_name(struct sentence *s, const char *event)
{
	for (; *event; event++)
		say(s, "%c", *event == '_' ? ' ' : *event);
}

char *event_sentence(const struct event_words *w, const json_t *line, bool seen,
		     char buf[EVENT_TEXT])
{
	const json_t *held = json_object_get(line, "held"), *session;
	struct sentence s = {.buf = buf};
	char time[UNITS_TEXT], *clean;

	if (w->lead)
		say(&s, "%s", w->lead);
	else
		say_name(&s, text_of(line, "event"));
	if (held && w->tail)
		say(&s, " %s", format_seconds(json_number_value(held), time));
	say(&s, " by %s", *text_of(line, "stage") ? text_of(line, "stage") : "wedge");
	session = json_object_get(line, "session");
	if (session)
		say(&s, " (session %lld", (long long)json_integer_value(session));
	if (session && w->about >= ABOUT_MADE && *text_of(line, "direction"))
		say(&s, ", %s", text_of(line, "direction"));
	say(&s, "%s", session ? ")" : "");
	if (w->tail) {
		say(&s, ": %s", w->tail);
		say_reason(&s, line);
	}
	say_members(&s, w, line, seen);
	clean = layout_clean(buf);
	for (char *c = clean; *c; c++)
		if (*c == '\n' || *c == '\t')
			*c = ' ';
	memcpy(buf, clean, strlen(clean) + 1);
	free(clean);
	return buf;
}
