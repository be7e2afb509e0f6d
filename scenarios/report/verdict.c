/* verdict.c - blanks stand for whatever would break a line. */
#include "scenarios/report/verdict.h"

#include <string.h>

const char *verdict_words(enum run_verdict v)
{
	static const char *const words[] = {
	    [VERDICT_REPRODUCED] = "REPRODUCED",
	    [VERDICT_NOT_REPRODUCED] = "NOT REPRODUCED",
	    [VERDICT_INVALID] = "INVALID",
	};

	return words[v];
}

static void write_one_line(const char *text, FILE *out)
{
	for (const char *s = text; *s; s++)
		fputc(strchr("\t\r\n\v\f", *s) ? ' ' : *s, out);
}

void write_verdict(const struct result *r, FILE *out)
{
	fprintf(out, "%s: %s%s. ", r->scenario, verdict_words(r->verdict),
		r->quick ? " (quick)" : "");
	write_one_line(r->why ? r->why : "", out);
	fputc('\n', out);
}

void write_look_frames(const struct result_look *look, FILE *out)
{
	size_t listed = 1;

	if (look->frames && !look->found)
		fputs(": no frame", out);
	if (look->frames && look->found) {
		for (const char *s = look->frames; (s = strchr(s, ',')); s++)
			listed++;
		fprintf(out, ": frame%s %s", look->found == 1 ? "" : "s", look->frames);
		if (look->found > listed)
			fprintf(out, " and %zu more", look->found - listed);
	}
}

void write_look(const struct result_look *look, FILE *out)
{
	fprintf(out, "Open %s, filter ", look->capture);
	write_one_line(look->filter, out);
	write_look_frames(look, out);
	fputc('\n', out);
}
