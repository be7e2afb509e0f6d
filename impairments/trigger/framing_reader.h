/* framing_reader.h - the interface of a reader, which finds the messages of one framing: a const
 * table of functions over a state of its own, for which struct framing has the room. */
#ifndef WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_READER_H
#define WEDGE_IMPAIRMENTS_TRIGGER_FRAMING_READER_H

#include "impairments/trigger/framing_config.h"
#include "proxy/base/dir.h"

#include <stddef.h>

enum framing_mark {
	MARK_NONE,
	MARK_HEADER, /* http1: the start line is over */
	MARK_BODY,   /* the header, length field or record header is over; the body may be empty */
	MARK_END,    /* the message is over */
	MARK_LOST,   /* the bytes aren't of this framing: no message can be counted any more */
};

#define FRAMING_LEAP (UINT64_C(1) << 48) /* bytes; no message is longer: its length is garbage */

/* The part that a call of read has completed: MARK_NONE, unless the reader sets another mark. */
struct framing_step {
	enum framing_mark mark;
	const char *why; /* MARK_LOST: the reason, a string constant */
};

struct framing_reader {
	/* Prepares the zeroed state, which may borrow *c. NULL: zeroes are enough. */
	void (*begin)(void *state, const struct framing_config *c, enum dir dir);
	/* Does what framing_read (framing.h) promises; not called any more after MARK_LOST. */
	size_t (*read)(void *state, const unsigned char *p, size_t n, struct framing_step *step);
	/* Does what framing_finish promises. NULL: the stream's end completes no message. */
	enum framing_mark (*finish)(void *state);
};

static inline void framing_lose(struct framing_step *step, const char *why)
{
	step->mark = MARK_LOST;
	step->why = why;
}

/* Passes over n bytes, or *left when those are fewer; returns how many and lowers *left. */
static inline size_t framing_skip(uint64_t *left, size_t n)
{
	size_t k = *left < n ? (size_t)*left : n;

	*left -= k;
	return k;
}

#endif
