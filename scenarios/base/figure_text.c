/* figure_text.c - three digits are what a person compares. */
#include "scenarios/base/figure_text.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>

char *time_text(int64_t ns, char buf[UNITS_TEXT])
{
	int64_t size = ns < 0 ? -ns : ns;

	if (size >= NS_PER_MS || ns == 0)
		return format_seconds(clock_seconds(ns), buf);
	snprintf(buf, UNITS_TEXT, "%.*f us", size < 10 * NS_PER_US ? 1 : 0,
		 (double)ns / (double)NS_PER_US);
	return buf;
}

char *moment_text(int64_t ns, char buf[MOMENT_TEXT])
{
	time_t seconds = ns / NS_PER_S;
	struct tm tm;
	size_t n = 0;

	if (localtime_r(&seconds, &tm))
		n = strftime(buf, MOMENT_TEXT, "%Y-%m-%d %H:%M:%S", &tm);
	snprintf(buf + n, MOMENT_TEXT - n, ".%09" PRId64, ns % NS_PER_S);
	return buf;
}

double share_percent(int64_t part, int64_t whole)
{
	return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

const char *plural_ending(uint64_t n)
{
	return n == 1 ? "" : "s";
}

char *count_text(uint64_t n, const char *thing, char buf[COUNT_TEXT])
{
	snprintf(buf, COUNT_TEXT, "%" PRIu64 " %s%s", n, thing, plural_ending(n));
	return buf;
}

char *number_text(uint64_t n, const char *things)
{
	size_t first = strcspn(things, " ");
	bool one = n == 1 && first && things[first - 1] == 's';

	return xasprintf("%" PRIu64 " %.*s%s", n, (int)(one ? first - 1 : first), things,
			 things + first);
}
