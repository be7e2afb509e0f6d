/* html_text.h - the one way by which texts of files, programs and the network come into a page. */
#ifndef WEDGE_SCENARIOS_REPORT_HTML_TEXT_H
#define WEDGE_SCENARIOS_REPORT_HTML_TEXT_H

#include <stdio.h>

/* Writes text so that HTML shows it as it is, between tags and inside a quoted attribute alike;
 * what can't be shown (layout_clean) as an escape. NULL: nothing. */
void html_text(FILE *out, const char *text);

/* Writes a link to a file beside the page. */
void html_file(FILE *out, const char *name);

#endif
