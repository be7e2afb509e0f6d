/* html_style.h - how the page looks: on a screen in light or dark, on a phone, on paper. */
#ifndef WEDGE_SCENARIOS_REPORT_HTML_STYLE_H
#define WEDGE_SCENARIOS_REPORT_HTML_STYLE_H

#include <stdio.h>

/* Writes the content of a <style> element. */
void html_style(FILE *out);

#endif
