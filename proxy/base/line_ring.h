/* line_ring.h - whole lines on their way from one process to another through memory that both have:
 * putting never waits and no system call is made; what finds no room is counted as lost. Knows no
 * file and wakes nobody. */
#ifndef WEDGE_BASE_LINE_RING_H
#define WEDGE_BASE_LINE_RING_H

#include "proxy/base/attrs.h"
#include "proxy/base/err.h"

#include <stdatomic.h>
#include <stdbool.h>

/* One process puts, another one takes; neither can damage what the other has done when it is
 * killed at any instruction. */
struct line_ring {
	_Atomic uint64_t put, taken; /* bytes since the beginning */
	_Atomic uint64_t lost;	     /* lines */
	_Atomic int why;	     /* the last loss's errno; 0: there was no room */
	_Atomic bool idle;	     /* the taker sleeps until it is woken */
	_Atomic bool over;	     /* nothing more will be put */
	size_t room;
	char *data; /* mapped twice in a row, so that a piece is never in two */
};

/* A ring for room bytes at least, shared with every process that is forked later. NULL with *e. */
struct line_ring *line_ring_new(size_t room, struct err *e) WG_MUSTUSE;
void line_ring_free(struct line_ring *r);

/* Puts all of the bytes, which are whole lines, or nothing. Returns false when there is no room. */
bool line_ring_put(struct line_ring *r, const char *data, size_t len);

/* What can be taken: *data is that many bytes in a row, until line_ring_take. */
size_t line_ring_look(const struct line_ring *r, const char **data);
void line_ring_take(struct line_ring *r, size_t len);

/* Adds lines that were lost, and why (an errno, or 0). */
void line_ring_lose(struct line_ring *r, uint64_t lines, int why);

/* The number of newlines in the bytes. */
uint64_t line_ring_count(const char *data, size_t len);

#endif
