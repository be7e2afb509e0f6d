/* findings_page.c - one sentence a finding, made of its row's words and its figures. */
#include "scenarios/diagnosis_report/findings_page.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"
#include "proxy/base/units.h"
#include "scenarios/base/figure_text.h"
#include "scenarios/base/layout.h"

#include <inttypes.h>
#include <string.h>

/* Returns how many, and of how many, to be freed. */
static char *count_words(const struct finding *x)
{
	if (x->first.number && finding_row(x->first.kind)->number)
		return number_text(x->first.number, finding_row(x->first.kind)->number);
	if (x->of > x->count)
		return xasprintf("%" PRIu64 " of %" PRIu64 " connections", x->count, x->of);
	return xasprintf("%" PRIu64 " connection%s", x->count, plural_ending(x->count));
}

/* Returns the times in words, to be freed: "" when there are none. */
static char *time_words(const struct finding *x)
{
	const char *words = finding_row(x->first.kind)->value;
	char low[UNITS_TEXT], high[UNITS_TEXT];
	int64_t a = durations_quantile(&x->values, 0.05), b = durations_quantile(&x->values, 0.95);

	if (!words || !x->values.n)
		return xstrdup("");
	format_seconds(clock_seconds(a), low);
	format_seconds(clock_seconds(b), high);
	if (x->values.n == 1 || a == b)
		return xasprintf("; %s %s", low, words);
	return xasprintf("; %s to %s %s", low, high, words);
}

char *finding_sentence(const struct finding *x)
{
	char *who = count_words(x), *times = time_words(x), server[ADDR_TEXT], *text;
	const char *words = finding_row(x->first.kind)->words;
	bool one_are = x->first.number == 1 && strncmp(words, "are ", 4) == 0;
	bool somewhere = x->first.server.sa.sa_family != AF_UNSPEC;

	text = xasprintf("%s%s%s %s%s%s%s%s", who, somewhere ? " of " : "",
			 somewhere ? addr_format(&x->first.server, server) : "",
			 one_are ? "is " : "", words + (one_are ? 4 : 0),
			 x->first.label ? ", " : "", x->first.label ? x->first.label : "", times);
	free(who);
	free(times);
	return text;
}

char *finding_filter(const struct finding *x)
{
	char frames[FINDING_FRAMES * 12];
	size_t n = 0;

	for (int i = 0; i < FINDING_FRAMES && x->first.frames[i]; i++)
		n += (size_t)snprintf(frames + n, sizeof(frames) - n, "%s%" PRIu32, i ? ", " : "",
				      x->first.frames[i]);
	if (!n)
		return xasprintf("tcp.stream eq %" PRIu32, x->first.connection);
	return xasprintf("tcp.stream eq %" PRIu32 " && frame.number in {%s}", x->first.connection,
			 frames);
}

static void write_finding(const struct finding *x, FILE *out)
{
	char *text = finding_sentence(x), *filter = finding_filter(x);

	layout_wrap(out, "  ", 4, text);
	fprintf(out, "    %s\n", filter);
	free(text);
	free(filter);
}

void findings_write(const struct findings *f, const char *where, FILE *out)
{
	if (!f->n)
		return;
	fprintf(out, "\nConnections as a whole%s%s, and the first case of each\n", where ? " " : "",
		where ? where : "");
	for (size_t i = 0; i < f->n; i++)
		write_finding(&f->list[i], out);
}
