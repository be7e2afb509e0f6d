/* advice.h - what to do about a bad grade: in the words of the client where it is known, else by
 * the hang point. Data, and how it is chosen. */
#ifndef WEDGE_SCENARIOS_CHECK_ADVICE_H
#define WEDGE_SCENARIOS_CHECK_ADVICE_H

#include "scenarios/check/grade.h"

/* Returns what to do about that grade of the command argv (NULL-terminated) at that point; NULL:
 * its letter is neither F nor C or D. The text stays. */
const char *advice_find(char *const *argv, const struct hang_point *p, enum grade grade,
			char letter);

#endif
