/* grade_long_lived.h - the grades of a program that doesn't end by itself: by the wire where there
 * is nothing else, and whether it has kept what the fault had hit. Pure. */
#ifndef WEDGE_SCENARIOS_CHECK_GRADE_LONG_LIVED_H
#define WEDGE_SCENARIOS_CHECK_GRADE_LONG_LIVED_H

#include "scenarios/check/grade.h"

/* Grades what was run beside the program, by its end; where nothing was, the program by the wire.
 * LEAK where it noticed the fault and kept its connection. */
struct graded grade_long_lived(const struct check_plan *plan, const struct hang_point *p,
			       const struct healthy *h, const struct cell_facts *f);

#endif
