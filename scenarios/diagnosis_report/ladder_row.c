/* ladder_row.c - widths are fixed, so that the sides stand below each other. */
#include "scenarios/diagnosis_report/ladder_row.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "scenarios/base/layout.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BETWEEN_SIDES 70
#define LEFT_OF_SIDES 23 /* of the bar that is the client */

void ladder_row_write(const struct segment_row *r, int64_t begin, bool proof, FILE *out)
{
	bool up = r->dir == DIR_UPSTREAM;
	char *text = segment_row_text(r);
	size_t len = strlen(text), line = BETWEEN_SIDES - 6;

	fprintf(out, "%c%8" PRIu32 " %11.6f  |%s %s ", proof ? '*' : ' ', r->frame,
		clock_seconds(r->at - begin), up ? "--" : "<-", text);
	for (size_t i = len; i < line; i++)
		fputc('-', out);
	fprintf(out, "%s|\n", up ? "->" : "--");
	free(text);
}

void ladder_head_write(FILE *out)
{
	fprintf(out, "%9s %11s  %-*s%s\n", "Frame", "Seconds", BETWEEN_SIDES - 4, "Client",
		"Server");
}

void ladder_words_write(const char *sign, const char *words, FILE *out)
{
	char *first = xasprintf("%*s%s  ", LEFT_OF_SIDES, "", *sign ? sign : " ");

	layout_wrap(out, first, LEFT_OF_SIDES + 3, words);
	free(first);
}
