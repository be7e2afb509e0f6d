/* event_words.c - a table of events; an event without a row gets its own name and its members.
 * tests/lint/test_events.py compares the rows with the events in the sources. */
#include "scenarios/annotate/event_words.h"

#include "proxy/base/text_print.h"
#include "proxy/base/units.h"
#include "proxy/packet/tcp_view.h"

#include <stdarg.h>
#include <string.h>

static const struct event_words table[] = {
    {"connection", .about = ABOUT_NOTHING},
    {"decision", .about = ABOUT_NOTHING},

    {"ack_held", ABOUT_STOPPED, .lead = "ACK held from here on", .quiet = true, .pure_ack = true},
    {"ack_released", ABOUT_PASSED, .lead = "ACK held", .tail = "released", .pure_ack = true},
    {"ack_dropped", ABOUT_STOPPED, .lead = "ACK held", .tail = "dropped", .quiet = true,
     .pure_ack = true},
    {"syn_ack_held", ABOUT_STOPPED, .lead = "SYN-ACK held from here on", .quiet = true,
     .flags = TCP_SYN},
    {"syn_ack_released", ABOUT_PASSED, .lead = "SYN-ACK held", .tail = "released",
     .flags = TCP_SYN},
    {"syn_ack_dropped", ABOUT_STOPPED, .lead = "SYN-ACK dropped", .flags = TCP_SYN},
    {"syn_dropped", ABOUT_STOPPED, .lead = "SYN dropped", .flags = TCP_SYN},
    {"segment_held", ABOUT_STOPPED, .lead = "held from here on", .quiet = true},
    {"segment_released", ABOUT_PASSED, .lead = "held", .tail = "released"},
    {"segment_delayed", ABOUT_PASSED, .lead = "delayed"},
    {"segment_duplicated", ABOUT_PASSED, .lead = "duplicated"},
    {"segment_spoilt", ABOUT_PASSED, .lead = "checksum spoilt"},
    {"window_unscaled", ABOUT_PASSED, .lead = "window read as unscaled from here on"},
    {"segment_lost", ABOUT_STOPPED, .lead = "dropped"},
    {"segment_ignored", ABOUT_STOPPED, .lead = "dropped"},
    {"fin_swallowed", ABOUT_STOPPED, .lead = "FIN dropped", .flags = TCP_FIN},
    {"rst_swallowed", ABOUT_STOPPED, .lead = "RST dropped", .flags = TCP_RST},
    {"connect_answered", ABOUT_PASSED, .lead = "RST made", .flags = TCP_RST, .gets = "RST"},
    {"connect_answered", ABOUT_STOPPED, .lead = "SYN answered with ICMP", .flags = TCP_SYN,
     .gets = "ICMP"},
    {"connect_answered", ABOUT_STOPPED, .lead = "SYN not answered", .flags = TCP_SYN,
     .gets = "nothing"},
    {"rst_injected", ABOUT_PASSED, .lead = "RST made", .flags = TCP_RST},
    {"rst_repeated", ABOUT_PASSED, .lead = "RST made again", .flags = TCP_RST},
    {"stale_answered", ABOUT_PASSED, .lead = "RST made", .flags = TCP_RST},

    {"reset", ABOUT_MADE, .lead = "connection reset", .flags = TCP_RST},
    {"cut", ABOUT_MADE, .lead = "connection cut", .flags = TCP_FIN | TCP_RST},
    {"half_close", ABOUT_MADE, .lead = "half-closed", .flags = TCP_FIN | TCP_RST},
    {"end_passed", ABOUT_MADE, .lead = "end of the stream passed on", .flags = TCP_FIN | TCP_RST},
    {"end_abruptly", ABOUT_MADE, .lead = "end without close_notify", .flags = TCP_FIN | TCP_RST},
    {"connect_failed", ABOUT_MADE, .lead = "client turned away", .flags = TCP_FIN | TCP_RST},
    {"session_refused", ABOUT_MADE, .lead = "session refused", .flags = TCP_FIN | TCP_RST},

    {"act", ABOUT_MOMENT, .does = "acts from here on"},
    {"rest", ABOUT_MOMENT, .does = "acts no more"},
    {"stall", ABOUT_MOMENT, .lead = "stall begun"},
    {"stall_over", ABOUT_MOMENT, .lead = "stall ended"},
    {"eat", ABOUT_MOMENT, .lead = "bytes eaten"},
    {"add", ABOUT_MOMENT, .lead = "bytes added"},
    {"corrupt", ABOUT_MOMENT, .lead = "bytes changed"},
    {"corrupted", ABOUT_MOMENT, .lead = "bytes changed in all"},
    {"gathered", ABOUT_MOMENT, .lead = "gathered bytes passed on"},
    {"half_record", ABOUT_MOMENT, .lead = "part of a TLS record passed on"},
    {"finish_back", ABOUT_MOMENT, .lead = "the other direction ended"},
    {"end_held", ABOUT_MOMENT, .lead = "end of the stream held"},
    {"hold_limited", ABOUT_MOMENT, .lead = "read later, for want of memory"},
    {"discard", ABOUT_MOMENT, .lead = "held bytes discarded"},
    {"vanished", ABOUT_MOMENT, .lead = "nothing passes any more"},
};

/* The reasons for which something held was released. */
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

/* The outcomes of wedge's own connection to a client's server. */
static const char *const answers[][2] = {
    {"refused", "its server refuses"},
    {"denied", "an impairment refuses"},
    {"unreachable", "its server can't be reached"},
    {"silent", "its server is silent"},
    {"over", "its server hasn't answered"},
};

static const char *text_of(const json_t *line, const char *key)
{
	const char *text = json_string_value(json_object_get(line, key));

	return text ? text : "";
}

/* An event of a stage always has a comment; of the proxy's own only those with a row. Acting from
 * the beginning is no event of its own. */
const struct event_words *event_words(const json_t *line)
{
	static const struct event_words other = {.about = ABOUT_MOMENT},
					nothing = {.about = ABOUT_NOTHING};
	const char *event = text_of(line, "event"), *gets = text_of(line, "client_gets");

	if (strcmp(text_of(line, "why"), "from the beginning") == 0)
		return &nothing;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (strcmp(event, table[i].event) == 0 &&
		    (!table[i].gets || strcmp(gets, table[i].gets) == 0))
			return &table[i];
	return json_object_get(line, "stage") ? &other : &nothing;
}

/* Text that grows in a buffer of EVENT_TEXT and is cut at its end. */
struct sentence {
	char *buf;
	size_t used;
};

WG_PRINTF(2, 3) static void append_text(struct sentence *s, const char *fmt, ...)
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

static void append_member(struct sentence *s, const struct event_words *w, const char *key,
			  const json_t *value)
{
	static const char *const durations[] = {"for", "held", "delay", "at", "after", NULL};
	char buf[UNITS_TEXT];

	/* A hold may end earlier. */
	if (strcmp(key, "for") == 0 && w->about == ABOUT_STOPPED)
		append_text(s, "at most ");
	else if (strcmp(key, "why") != 0)
		append_text(s, "%s ", key);
	if (json_is_string(value))
		append_text(s, "%s", json_string_value(value));
	else if (json_is_integer(value))
		append_text(s, "%lld", (long long)json_integer_value(value));
	else if (json_is_boolean(value))
		append_text(s, "%s", json_is_true(value) ? "yes" : "no");
	else if (is_one_of(durations, key))
		append_text(s, "%s", format_seconds(json_number_value(value), buf));
	else
		append_text(s, "%g", json_number_value(value));
}

static void append_reason(struct sentence *s, const json_t *line)
{
	const char *reason = text_of(line, "reason");

	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (strcmp(reason, reasons[i][0]) == 0) {
			append_text(s, " %s", reasons[i][1]);
			return;
		}
	if (*reason)
		append_text(s, " (%s)", reason);
}

static void append_answer(struct sentence *s, const json_t *line)
{
	for (size_t i = 0; i < ARRAY_LEN(answers); i++)
		if (strcmp(text_of(line, "answer"), answers[i][0]) == 0)
			append_text(s, ": %s", answers[i][1]);
}

/* Appends the members that the sentence hasn't yet; those that the packet itself shows are left out
 * where the comment stands at that packet. */
static void append_members(struct sentence *s, const struct event_words *w, const json_t *line,
			   bool seen)
{
	static const char *const written[] = {"t",	"event",      "stage",	   "session",
					      "leg",	"unrecorded", "direction", "client_gets",
					      "answer", NULL};
	static const char *const shown[] = {"seq", "ack", "len", NULL};
	const char *before = w->tail || w->gets ? ", " : ": ", *key;
	json_t *value;

	json_object_foreach((json_t *)line, key, value)
	{
		if (is_one_of(written, key) || (seen && is_one_of(shown, key)) ||
		    (w->tail && (strcmp(key, "held") == 0 || strcmp(key, "reason") == 0)))
			continue;
		append_text(s, "%s", before);
		append_member(s, w, key, value);
		before = ", ";
	}
	if (!seen && w->about == ABOUT_STOPPED)
		append_text(s, "%snot in this capture", before);
}

/* "ACK held 200.1 ms by ", or nothing where the stage stands first. */
static void append_lead(struct sentence *s, const struct event_words *w, const json_t *line)
{
	const json_t *held = json_object_get(line, "held");
	char time[UNITS_TEXT];

	if (w->does)
		return;
	if (w->lead)
		append_text(s, "%s", w->lead);
	else
		for (const char *c = text_of(line, "event"); *c; c++)
			append_text(s, "%c", *c == '_' ? ' ' : *c);
	if (held && w->tail)
		append_text(s, " %s", format_seconds(json_number_value(held), time));
	append_text(s, " by ");
}

/* "delayed_ack (session 3)" */
static void append_stage(struct sentence *s, const struct event_words *w, const json_t *line)
{
	const json_t *session = json_object_get(line, "session");

	append_text(s, "%s", *text_of(line, "stage") ? text_of(line, "stage") : "wedge");
	if (session)
		append_text(s, " (session %lld", (long long)json_integer_value(session));
	if (session && w->about >= ABOUT_MADE && *text_of(line, "direction"))
		append_text(s, ", %s", text_of(line, "direction"));
	append_text(s, "%s", session ? ")" : "");
}

char *event_sentence(const struct event_words *w, const json_t *line, bool seen,
		     char buf[EVENT_TEXT])
{
	struct sentence s = {.buf = buf};

	append_lead(&s, w, line);
	append_stage(&s, w, line);
	if (w->does)
		append_text(&s, " %s", w->does);
	if (w->tail) {
		append_text(&s, ": %s", w->tail);
		append_reason(&s, line);
	}
	if (w->gets)
		append_answer(&s, line);
	append_members(&s, w, line, seen);
	text_print_line_in_place(buf, EVENT_TEXT);
	return buf;
}
