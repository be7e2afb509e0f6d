/* trigger_window.h - when an instance acts within a session: the parameters after, for and every,
 * each in time, bytes, messages or packets. Arithmetic on positions; knows no clock and no bytes.
 */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_TRIGGER_WINDOW_H
#define WEDGE_IMPAIRMENTS_TRIGGER_TRIGGER_WINDOW_H

#include "proxy/base/err.h"
#include "proxy/base/rng.h"

#include <stdbool.h>
#include <stdint.h>

enum unit { UNIT_TIME, UNIT_BYTES, UNIT_MESSAGES, UNIT_PACKETS, UNIT_COUNT };

/* With n 0 the unit means nothing. */
struct amount {
	enum unit unit;
	uint64_t n; /* nanoseconds, or a count */
};

#define AMOUNT_MAX (UINT64_C(1) << 60) /* a few of them added can't overflow */

/* Parses "0", "5s", "10KB", "3 messages" or "3msg", "20 packets" or "20pkt". */
int amount_parse(const char *text, struct amount *a, struct err *e) WG_MUSTUSE;

/* Parses an amount, or two of one kind, the smaller one first: "1s..5s", "10KB..20KB", "140..150
 * messages". *span is how much the second is above the first; 0 for a single one. */
int amount_range_parse(const char *text, struct amount *a, uint64_t *span,
		       struct err *e) WG_MUSTUSE;

#define AMOUNT_TEXT 48
/* Writes a position into buf, as "byte 10000" or "30s", and returns buf. */
char *amount_format(enum unit unit, uint64_t n, char buf[AMOUNT_TEXT]);

/* Parts of a message, in their order. Not every framing finds all of them. */
enum part { PART_MESSAGE, PART_HEADER, PART_BODY, PART_COUNT };

/* How far a session has come, as one stage sees it. */
struct position {
	uint64_t at[UNIT_COUNT];      /* of messages the completed ones count */
	bool begun[PART_COUNT];	      /* of the message under way; all false between two */
	uint64_t part_at[PART_COUNT]; /* the byte at which the part began */
};

struct trigger_window_config {
	struct amount after;  /* 0: from the session's beginning */
	struct amount length; /* the parameter "for"; 0: for ever */
	struct amount every;  /* 0: once */
	bool by_message;      /* each opening waits for the first byte of its message */
	enum part part;	      /* openings in messages: behind the beginning of this part */
	uint64_t offset;      /* by this many bytes */
	/* What a session adds, at most, to after (of its unit) and offset; 0 once it has. */
	uint64_t after_span, offset_span;
};

struct trigger_window {
	bool open, done;    /* done: no opening comes any more */
	bool joined;	    /* begun in mid-session: the next opening may be under way already */
	struct amount next; /* the next opening */
	uint64_t close;	    /* in the unit of config.length */
};

enum trigger_window_event { TRIGGER_WINDOW_STAYS, TRIGGER_WINDOW_OPENS, TRIGGER_WINDOW_CLOSES };

/* Makes *out the window of one session: as *c, with after and offset drawn within their spans by
 * the next two decisions of *r. */
void trigger_window_draw(struct trigger_window_config *out, const struct trigger_window_config *c,
			 struct rng *r);

/* Begins the window at p. Openings whose windows would have closed before p are passed over; one
 * that would be open now opens with the next step, for its rest if after and for have one unit. */
void trigger_window_begin(struct trigger_window *w, const struct trigger_window_config *c,
			  const struct position *p);

/* Does the next thing that is due at p; call it until TRIGGER_WINDOW_STAYS. An opening that is due
 * while the window is open is passed over. */
enum trigger_window_event trigger_window_step(struct trigger_window *w,
					      const struct trigger_window_config *c,
					      const struct position *p);

/* Returns whether openings that are counted in messages wait for a place inside their message, and
 * don't stand where the message before ends. */
bool trigger_window_opens_inside(const struct trigger_window_config *c);

/* Returns whether a step at p would open or close the window. */
bool trigger_window_is_due(const struct trigger_window *w, const struct trigger_window_config *c,
			   const struct position *p);

/* Returns the bytes from p to the next place where their count may make a step due; UINT64_MAX when
 * there is none. */
uint64_t trigger_window_bytes_left(const struct trigger_window *w,
				   const struct trigger_window_config *c, const struct position *p);

/* Returns the time (UNIT_TIME) at which a step is due, or UINT64_MAX. */
uint64_t trigger_window_time_due(const struct trigger_window *w,
				 const struct trigger_window_config *c);

#endif
