/* html_head.c - the pages' own texts are escaped; should one not be, a browser still runs and loads
 * nothing. */
#include "scenarios/report/html_head.h"

#include "scenarios/report/html_style.h"
#include "scenarios/report/html_text.h"

void html_head(FILE *out, const char *title)
{
	fputs("<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	      "<meta name=\"color-scheme\" content=\"light dark\">\n<title>",
	      out);
	html_text(out, title);
	fputs("</title>\n<style>\n", out);
	html_style(out);
	fputs("</style>\n</head>\n<body>\n", out);
}
