/* condition.h - one condition of a signature against one part of a capture. */
#ifndef WEDGE_SCENARIOS_MATCH_CONDITION_H
#define WEDGE_SCENARIOS_MATCH_CONDITION_H

#include "scenarios/match/scope.h"
#include "scenarios/scenario/expect.h"

/* As expect_judge: -1 with *why when nothing was measured for it. */
int condition_judge(const struct expect *x, const struct scope *s, bool *ok, char *measured,
		    size_t len, struct err *why) WG_MUSTUSE;

/* Returns whether it is about losses, where the capture lacks packets itself: nothing may be
 * concluded from it. */
bool condition_is_withheld(const struct expect *x, const struct scope *s);

/* Returns whether it is about other services, of which the capture has none. */
bool condition_lacks_others(const struct expect *x, const struct scope *s);

#endif
