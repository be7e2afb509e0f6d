/* sender_clock.h - the clock that a host puts into its TCP timestamps (RFC 7323 section 5.4), read
 * from its segments: how fast it goes, and what it has surely reached by now. Pure. */
#ifndef WEDGE_PACKET_SENDER_CLOCK_H
#define WEDGE_PACKET_SENDER_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/* Ticks a second of a host that hasn't been measured yet: Linux since 4.13, FreeBSD, macOS and
 * today's Windows. */
#define SENDER_CLOCK_HZ 1000.0

/* Zeroed: nothing is known. */
struct sender_clock {
	bool seen;
	double guess;	    /* ticks a second, until there is a measurement; 0: SENDER_CLOCK_HZ */
	double hz;	    /* ticks a second */
	double known;	    /* hz as measured over a second, here or before; 0: not yet */
	uint32_t last;	    /* the highest TSval */
	int64_t ticks;	    /* of last, counted from the first one */
	int64_t last_at;    /* ns, when last came */
	int64_t first_at;   /* ns; hz is measured from there */
	int64_t first;	    /* ticks then */
	int64_t reached_at; /* ns; by then the clock had reached so many ticks, or more: */
	double reached;
};

/* Notes a segment that came at the time now (ns). syn: it was a SYN; there are hosts whose SYNs
 * have another clock than what follows. An older TSval than one that has come tells nothing. */
void sender_clock_note(struct sender_clock *c, int64_t now, uint32_t tsval, bool syn);

/* Returns a TSval that the host's clock has surely reached at the time at (ns): what the host sends
 * then or later isn't older. Something must have been noted. */
uint32_t sender_clock_at(const struct sender_clock *c, int64_t at);

#endif
