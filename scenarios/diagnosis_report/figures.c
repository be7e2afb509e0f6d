/* figures.c - texts; nothing is computed here that the diagnosis doesn't hold. */
#include "scenarios/diagnosis_report/figures.h"

#include "proxy/base/clock.h"
#include "proxy/base/mem.h"

#include <inttypes.h>
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

const char *blame_words(enum cause c, bool to_client)
{
	static const char *const words[] = {
	    [BLAME_CLIENT] = "up to the client",
	    [BLAME_SERVER] = "up to the server",
	    [BLAME_PATH] = "up to the path",
	    [BLAME_NOBODY] = "up to nobody",
	};

	return words[cause_blame(c, to_client)];
}

static bool most_to_client(const struct tally *x)
{
	return 2 * x->to_client >= x->lengths.n;
}

const char *blamed_side(enum cause c, const struct tally *x)
{
	return blame_name(cause_blame(c, most_to_client(x)));
}

const char *blamed_words(enum cause c, const struct tally *x)
{
	return blame_words(c, most_to_client(x));
}

const char *tally_label(const struct tally *x)
{
	return 2 * x->labelled > x->lengths.n ? x->label : NULL;
}

char *stall_filter(const struct stall *s)
{
	char frames[STALL_FRAMES * 12];
	size_t n = 0;

	for (int i = 0; i < STALL_FRAMES && s->frames[i]; i++)
		n += (size_t)snprintf(frames + n, sizeof(frames) - n, "%s%" PRIu32, i ? ", " : "",
				      s->frames[i]);
	return xasprintf("tcp.stream eq %" PRIu32 " && frame.number in {%s}", s->connection,
			 frames);
}
