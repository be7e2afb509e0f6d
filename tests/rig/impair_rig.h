/* impair_rig.h - one stream impairment on the stage rig, configured by text as a user would, and
 * the laws that every stream impairment keeps. Link with "LAYER: wedge_impairments_stream
 * impair_rig". */
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

/* A rig with one active stage of the impairment; text is "delay=1s,jitter=100ms", and a refused one
 * fails the test. imp_free frees the rig too. */
struct imp *imp_new(const struct impairment *type, const char *text);
void imp_free(struct imp *m);

/* A stage behind those that are on a rig already; imp_drop it before the rig goes. */
struct imp *imp_behind(struct rig *r, const struct impairment *type, const char *text);
void imp_drop(struct imp *m);

void imp_update(struct imp *m,
		const char *text); /* changes the parameters to the defaults and text */

/* Returns in buf why the text is refused, or "". */
const char *imp_refusal(const struct impairment *type, const char *text, char *buf, size_t len);

/* Returns how many of the journal's lines have that event; *bytes is the sum of their "bytes". */
unsigned imp_journalled(struct imp *m, const char *event, uint64_t *bytes);

enum imp_law {
	LAW_LOSSLESS =
	    1 << 0, /* every byte comes out, in order, at the latest when the stage is drained */
	LAW_ENDS = 1 << 1, /* the end comes out without a drain, sooner or later */
};

/* Feeds a stage pieces of random sizes at random times, switches it off and on, ends the stream or
 * not, and removes the stage; a hundred times. Fails the test where a law is broken: nothing is
 * held after a drain; the end comes once and last; each eaten and added byte is in the journal; and
 * the given ones of enum imp_law. */
void imp_laws(const struct impairment *type, const char *text, unsigned laws);

#endif
