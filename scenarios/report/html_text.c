/* html_text.c - five characters mean something to HTML, and become entities. */
#include "scenarios/report/html_text.h"

#include "scenarios/base/layout.h"

#include <string.h>

static const char *find_entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void html_text(FILE *out, const char *text)
{
	char *clean = layout_clean(text);

	for (const char *s = clean; s && *s; s++) {
		const char *entity = find_entity(*s);

		if (entity)
			fputs(entity, out);
		else
			fputc(*s, out);
	}
	free(clean);
}

/* A name may hold what means something in an address: RFC 3986 leaves these as they are. */
static void write_address(FILE *out, const char *name)
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	for (const char *s = name; *s; s++)
		fprintf(out, strchr(plain, *s) ? "%c" : "%%%02X", (unsigned char)*s);
}

void html_file(FILE *out, const char *name)
{
	fputs("<a href=\"./", out);
	write_address(out, name);
	fputs("\">", out);
	html_text(out, name);
	fputs("</a>", out);
}
