/* event_words.h - an event of the journal in words for people, and which packet it is about.
 * Searches no packet: event_place.h does. */
#ifndef WEDGE_SCENARIOS_ANNOTATE_EVENT_WORDS_H
#define WEDGE_SCENARIOS_ANNOTATE_EVENT_WORDS_H

#include "proxy/base/attrs.h"

#include <jansson.h>
#include <stdbool.h>

/* The packet that an event is about. */
enum event_about {
	ABOUT_NOTHING, /* none, and it gets no comment */
	ABOUT_PASSED,  /* one that left wedge, or came to wedge itself */
	ABOUT_STOPPED, /* one that came and didn't go on, or not yet; one of wedge's own is in no
		       capture */
	ABOUT_MADE,    /* one that an event of the stream made, known by its flags */
	ABOUT_MOMENT,  /* none: the comment stands at the last packet before */
};

struct event_words {
	const char *event;
	enum event_about about;
	const char *lead; /* before " by STAGE (session N)"; NULL: the event's own name */
	const char *does; /* instead of lead, behind "STAGE (session N) " */
	const char *tail; /* how it ended; the reason follows. May be NULL */
	bool quiet;    /* another event has the outcome: if no packet matches, it doesn't count as
			  missed */
	bool pure_ack; /* about a pure ACK, and "ack" is its number */
	uint8_t flags; /* the packet has at least one of these */
	const char *gets; /* only when this is the line's "client_gets"; NULL: of every line */
};

/* Returns the words for a line's event; never NULL: an event without a row gets its name and
 * members. */
const struct event_words *event_words(const json_t *line);

/* Writes "ACK held 200.1 ms by delayed_ack (session 3): released by its timer": one line of UTF-8,
 * at most EVENT_TEXT bytes with its end. seen: the comment stands at the very packet. Returns buf.
 */
#define EVENT_TEXT 256
char *event_sentence(const struct event_words *words, const json_t *line, bool seen,
		     char buf[EVENT_TEXT]);

#endif
