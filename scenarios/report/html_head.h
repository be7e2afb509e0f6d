/* html_head.h - how every page of wedge's begins. */
#ifndef WEDGE_SCENARIOS_REPORT_HTML_HEAD_H
#define WEDGE_SCENARIOS_REPORT_HTML_HEAD_H

#include <stdio.h>

#define HTML_DOCTYPE "<!DOCTYPE html>\n"

/* Writes what stands between the doctype, and whatever comment is behind it, and the page's own
 * content; title is a text, not HTML. */
void html_head(FILE *out, const char *title);

#endif
