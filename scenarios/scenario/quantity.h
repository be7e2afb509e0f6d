/* quantity.h - numbers with a unit, as reports print them. */
#ifndef WEDGE_SCENARIOS_SCENARIO_QUANTITY_H
#define WEDGE_SCENARIOS_SCENARIO_QUANTITY_H

#include "proxy/base/attrs.h"

/* Units: 's' seconds, 'b' bytes, 'R' bytes per second, 'n' a count or bare number, 'r' a share or
 * coefficient (shown as a percentage), 'x' a ratio of two like things, 0 not known (as 'n'). */
#define QUANTITY_TEXT 40
char *quantity_format(double v, char unit, char buf[QUANTITY_TEXT]); /* "-" for NAN; returns buf */

/* Writes all the digits there are, for a value that would otherwise look equal to its limit. */
char *quantity_format_exact(double v, char unit, char buf[QUANTITY_TEXT]);

#endif
