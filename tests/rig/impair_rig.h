/* impair_rig.h - a stream impairment on the stage rig, configured by text as a user would, and the
 * laws that every one of them keeps. Link with "LAYER: wedge_impairments_stream impair_rig". */
#ifndef WEDGE_TESTS_IMPAIR_RIG_H
#define WEDGE_TESTS_IMPAIR_RIG_H

#include "impairments/impairment.h"
#include "tests/rig/stage_rig.h"

struct imp {
	const struct impairment *type;
	void *cfg, *shared;
	struct stage *stage;
	struct rig *rig;
};

/* A rig with one impairment on it, active; text is "delay=1s,jitter=100ms". Refused text fails the
 * test. imp_free frees the rig. */
struct imp *imp_new(const struct impairment *type, const char *text);
void imp_free(struct imp *m);

/* The same behind what is on a rig already; imp_drop before the rig goes. */
struct imp *imp_behind(struct rig *r, const struct impairment *type, const char *text);
void imp_drop(struct imp *m);

void imp_update(struct imp *m, const char *text); /* a live change: text over the defaults */

/* Why the text is refused, in buf; "" when it isn't. */
const char *imp_refusal(const struct impairment *type, const char *text, char *buf, size_t len);

/* How many of the journal's lines have that event, and the sum of their "bytes". */
unsigned imp_journalled(struct imp *m, const char *event, uint64_t *bytes);

enum imp_law {
	LAW_LOSSLESS = 1 << 0, /* what goes in comes out, byte for byte, when it is drained */
	LAW_ENDS = 1 << 1,     /* the end comes out without a drain, sooner or later */
};

/* Feeds it pieces of random sizes at random times, switches it off and on, ends the stream or not,
 * removes it; some hundred times. Fails the test where a law is broken: nothing is held after a
 * drain; the end comes once and last; each eaten and added byte is in the journal; and those of
 * enum imp_law that are given. */
void imp_laws(const struct impairment *type, const char *text, unsigned laws);

#endif
