/* story.h - one connection's waits, one after the other: each that is long enough becomes a stall
 * with its cause. */
#ifndef WEDGE_SCENARIOS_DIAGNOSIS_STORY_H
#define WEDGE_SCENARIOS_DIAGNOSIS_STORY_H

#include "scenarios/diagnosis/bursts.h"
#include "scenarios/diagnosis/gap.h"
#include "scenarios/diagnosis/recent.h"
#include "scenarios/diagnosis/records.h"
#include "scenarios/diagnosis/resent.h"
#include "scenarios/diagnosis/stamps.h"
#include "scenarios/diagnosis/tallies.h"
#include "scenarios/diagnosis/trickle.h"
#include "scenarios/diagnosis/vantage.h"

#define STORY_SYNS 16 /* more than any host sends again */

/* How the server's data under way compares to the window's field of the client, without its scale.
 */
struct field_use {
	unsigned filled; /* segments that filled it, to a tenth */
	unsigned exact;	 /* ... to the byte */
	unsigned pauses; /* of the server, behind data that had filled it */
	bool beyond;	 /* there was more */
};

struct story {
	struct tallies tallies;
	int64_t since, until;  /* what is asked about; 0: from the beginning, to the end */
	enum vantage taken_at; /* where the capture was taken; VANTAGE_UNKNOWN: to be judged */
	int64_t begin, end; /* the first step and the last, or when the capture ended; 0: no step */
	struct wait wait;
	uint32_t unseen;	/* the connection's count when the wait began */
	struct records answers; /* of the server */
	struct trickle drops;	/* of its responses */
	struct resent resent[DIR_COUNT];
	struct bursts bursts[DIR_COUNT];
	struct stamps stamps[DIR_COUNT];
	uint8_t ttl[DIR_COUNT]; /* of each side's first packet; 0: none came */
	struct recent recent;
	int64_t freeze_from, freeze_to; /* the last time that one of the hosts stood still */
	bool freeze_of_client;
	uint32_t long_waits;
	struct field_use field;
	struct gap before;    /* what of a gap is known before its end is taken */
	struct stall connect; /* the wait for the SYN-ACK, judged when the round trip is known */
	struct stall unanswered[STORY_SYNS]; /* stalls of a SYN that nobody has answered yet */
	unsigned nunanswered;
	/* Hears of each stall with a step at its end; NULL: nobody does. */
	void (*on_stall)(void *arg, const struct gap *g, const struct stall *stall);
	void *on_stall_arg;
};

/* Zero-initialise a story to start, and set the three members behind tallies. before and taken get
 * every segment of its connection. */
void story_before_segment(struct story *s, const struct connection *c);
void story_take_segment(struct story *s, const struct connection *c, const struct segment *segment);

/* The connection isn't looked at any more: what it still waits for has lasted until then. */
void story_end(struct story *s, const struct connection *c, int64_t at);
/* One of its hosts stood still from..to, as its other connections show (R14). */
void story_freeze(struct story *s, enum dir host, int64_t from, int64_t to);
/* Returns whether the client's SYN offers a window scale, above 0, that the server took. */
bool story_is_scaled(const struct connection *c);
/* Returns whether the server overlooks that scale: it filled the window as it stands in the header
 * three times to the byte, never went beyond, and paused as often. */
bool story_is_unscaled(const struct story *s, const struct connection *c);
void story_fini(struct story *s);

#endif
