/* xml_text.c - line ends and tabs are written as references: within an attribute they would become
 * blanks (XML 1.0, 3.3.3). */
#include "scenarios/base/xml_text.h"

#include "scenarios/base/layout.h"

#include <stdlib.h>

void xml_text_write(FILE *out, const char *text)
{
	char *clean = layout_clean(text ? text : "");

	for (const char *s = clean; *s; s++) {
		switch (*s) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\n':
			fputs("&#10;", out);
			break;
		case '\t':
			fputs("&#9;", out);
			break;
		default:
			fputc(*s, out);
		}
	}
	free(clean);
}
