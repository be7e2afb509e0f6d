/* span_match.h - the same transaction at two vantages: whose time lies inside the other's, with the
 * same bytes. Pure. */
#ifndef WEDGE_SCENARIOS_RUN_SPAN_MATCH_H
#define WEDGE_SCENARIOS_RUN_SPAN_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A transaction as one vantage sees it. */
struct span {
	int64_t from,
	    to;		/* wall-clock nanoseconds: its first and last sign; to 0: no answer came */
	uint64_t bytes; /* of the answer */
};

enum span_match { SPAN_NONE, SPAN_FOUND, SPAN_AMBIGUOUS };

/* What a vantage has seen, in any order. */
struct span_list {
	const struct span *list;
	size_t n;
};

/* Finds outer, one of outers, in inners, seen further inside: what begins within outer and,
 * answered, ends within it, slack nanoseconds apart at most, and alone has outer's bytes; or else
 * what alone begins within outer, where outer alone does, too. SPAN_AMBIGUOUS: several can be
 * meant; none is guessed. */
enum span_match span_find(const struct span_list *inners, const struct span_list *outers,
			  const struct span *outer, int64_t slack, struct span *out);

#endif
