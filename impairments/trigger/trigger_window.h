/* trigger_window.h - when an instance acts within a session: after, for and every, each in time,
 * bytes, messages or packets. Arithmetic on positions; knows neither clocks nor bytes. */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_TRIGGER_WINDOW_H
#define WEDGE_IMPAIRMENTS_TRIGGER_TRIGGER_WINDOW_H

#include "proxy/base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum unit { UNIT_TIME, UNIT_BYTES, UNIT_MESSAGES, UNIT_PACKETS, UNIT_COUNT };

/* n == 0: nothing of anything, whatever the unit. */
struct amount {
	enum unit unit;
	uint64_t n; /* nanoseconds, or a count */
};

#define AMOUNT_MAX (UINT64_C(1) << 60) /* sums of a few can't overflow */

/* "0", "5s", "10KB", "3 messages" or "3msg", "20 packets" or "20pkt". */
int amount_parse(const char *text, struct amount *a, struct err *e) WG_MUSTUSE;

#define AMOUNT_TEXT 48
char *amount_format(enum unit unit, uint64_t n, char buf[AMOUNT_TEXT]); /* "byte 10000", "30s" */

/* Parts of a message, in their order. Not every framing tells all. */
enum part { PART_MESSAGE, PART_HEADER, PART_BODY, PART_COUNT };

/* How far a session has come, as one stage sees it. */
struct position {
	uint64_t at[UNIT_COUNT];      /* messages: completed ones */
	bool begun[PART_COUNT];	      /* of the message under way; all false between two */
	uint64_t part_at[PART_COUNT]; /* the byte at which it began */
};

struct trigger_window_config {
	struct amount after;  /* 0: from the beginning */
	struct amount length; /* "for"; 0: for ever */
	struct amount every;  /* 0: once */
	bool by_message;      /* each opening is a message's: it waits for its first byte */
	enum part part;	      /* openings in messages: where in the message */
	uint64_t offset;      /* and how many bytes further */
};

struct trigger_window {
	bool open, done;    /* done: no opening comes any more */
	bool joined;	    /* it was begun in mid-session: the next opening may be one under way */
	struct amount next; /* the next opening */
	uint64_t close;	    /* in the unit of config.length */
};

enum trigger_window_event { TRIGGER_WINDOW_STAYS, TRIGGER_WINDOW_OPENS, TRIGGER_WINDOW_CLOSES };

/* Starts it at p. Windows that would have closed before p are passed over; one that would be open
 * opens with the next step for the rest of it, if after and for have one unit. */
void trigger_window_begin(struct trigger_window *w, const struct trigger_window_config *c,
			  const struct position *p);

/* What is due at p; call it until TRIGGER_WINDOW_STAYS. An opening that is due while it is open is
 * passed over. */
enum trigger_window_event trigger_window_step(struct trigger_window *w,
					      const struct trigger_window_config *c,
					      const struct position *p);

/* Whether openings that are counted in messages wait for a place inside their message; else they
 * are where the message before it ends. */
bool trigger_window_opens_inside(const struct trigger_window_config *c);

/* Whether a step at p would do anything. */
bool trigger_window_is_due(const struct trigger_window *w, const struct trigger_window_config *c,
			   const struct position *p);

/* The bytes from p to the next place where a step may be due by their count; UINT64_MAX: none. */
uint64_t trigger_window_bytes_left(const struct trigger_window *w,
				   const struct trigger_window_config *c, const struct position *p);

/* The time at which a step is due, or UINT64_MAX. */
uint64_t trigger_window_time_due(const struct trigger_window *w,
				 const struct trigger_window_config *c);

#endif
