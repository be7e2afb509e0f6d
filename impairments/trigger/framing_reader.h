/* framing_reader.h - what the reader of one framing offers to framing.c: a const table of functions
 * over a state of its own, which framing.h holds. */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_READER_H
#define WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_READER_H

#include "impairments/trigger/framing_config.h"
#include "proxy/base/dir.h"

#include <stddef.h>

enum framing_mark {
	MARK_NONE,
	MARK_HEADER, /* http1: the start line is over */
	MARK_BODY,   /* the header, length field or record header is over; there may be no body */
	MARK_END,    /* the message is over */
	MARK_LOST, /* the bytes aren't what they were said to be: nothing can be counted any more */
};

#define FRAMING_LEAP (UINT64_C(1) << 48) /* a longer message is garbage */

/* The part of a message that a reader has completed, MARK_NONE to begin with. */
struct framing_step {
	enum framing_mark mark;
	const char *why; /* MARK_LOST: the reason, a constant */
};

struct framing_reader {
	/* The state is zeroed before; NULL: that is enough. The state borrows the config. */
	void (*begin)(void *state, const struct framing_config *c, enum dir dir);
	/* As framing_read of framing.h; never called again after MARK_LOST. */
	size_t (*read)(void *state, const unsigned char *p, size_t n, struct framing_step *step);
	/* As framing_finish; NULL: the end of the stream ends no message. */
	enum framing_mark (*finish)(void *state);
};

static inline void framing_lose(struct framing_step *step, const char *why)
{
	step->mark = MARK_LOST;
	step->why = why;
}

/* Passes over as many of n bytes as are left, and returns how many those are. */
static inline size_t framing_skip(uint64_t *left, size_t n)
{
	size_t k = *left < n ? (size_t)*left : n;

	*left -= k;
	return k;
}

#endif
