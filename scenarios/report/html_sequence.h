/* html_sequence.h - the time-sequence diagram of the connection that the report shows, one for each
 * direction that carries data, by tcptrace's conventions, as inline SVG. Formats, never computes.
 */
#ifndef WEDGE_SCENARIOS_REPORT_HTML_SEQUENCE_H
#define WEDGE_SCENARIOS_REPORT_HTML_SEQUENCE_H

#include "scenarios/run/result.h"

#include <stdio.h>

/* Says so where there is no connection to draw. */
void html_sequence(const struct result *r, FILE *out);

#endif
