/* unit_words.c - spellings by kind. One is taken where all who write it mean the same; where they
 * don't, both readings are offered: tc(8) has bytes for "mbps" where everybody else has bits, and
 * dd(1) has 1024 for the "K" that others have 1000 for. */
#include "proxy/base/unit_words.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

struct spelling {
	const char *written; /* words with spaces between them */
	struct unit_word word;
	bool capitals; /* only with these capitals */
};

static const struct spelling durations[] = {
    {"M", {NULL, "m", "ms"}, true},
    {"ns nsec nsecs nanosecond nanoseconds", {.unit = "ns"}, false},
    {"us usec usecs microsecond microseconds \xc2\xb5s \xce\xbcs", {.unit = "us"}, false},
    {"ms msec msecs millisecond milliseconds", {.unit = "ms"}, false},
    {"s sec secs second seconds", {.unit = "s"}, false},
    {"min mins minute minutes", {.unit = "m"}, false},
    {"h hr hrs hour hours", {.unit = "h"}, false},
    {"d day days", {.unit = "d"}, false},
    {NULL, {NULL, NULL, NULL}, false},
};

static const struct spelling sizes[] = {
    {"b byte bytes", {.unit = "B"}, false}, {"kb", {.unit = "KB"}, false},
    {"mb", {.unit = "MB"}, false},	    {"gb", {.unit = "GB"}, false},
    {"kib", {.unit = "KiB"}, false},	    {"mib", {.unit = "MiB"}, false},
    {"gib", {.unit = "GiB"}, false},	    {"k", {NULL, "KB", "KiB"}, false},
    {"m", {NULL, "MB", "MiB"}, false},	    {"g", {NULL, "GB", "GiB"}, false},
    {NULL, {NULL, NULL, NULL}, false},
};

static const struct spelling rates[] = {
    {"Bps", {.unit = "B/s"}, true},
    {"kBps KBps", {.unit = "kB/s"}, true},
    {"MBps", {.unit = "MB/s"}, true},
    {"GBps", {.unit = "GB/s"}, true},
    {"B", {.either = "B/s"}, true},
    {"kB KB", {.either = "kB/s"}, true},
    {"MB", {.either = "MB/s"}, true},
    {"GB", {.either = "GB/s"}, true},
    {"kib kib/s", {.unit = "KiB/s"}, false},
    {"mib mib/s", {.unit = "MiB/s"}, false},
    {"gib gib/s", {.unit = "GiB/s"}, false},
    {"bit bit/s bits/s", {.unit = "bit/s"}, false},
    {"kbit kbit/s kbits/s", {.unit = "kbit/s"}, false},
    {"mbit mbit/s mbits/s", {.unit = "Mbit/s"}, false},
    {"gbit gbit/s gbits/s", {.unit = "Gbit/s"}, false},
    {"bps b/s b", {NULL, "bit/s", "B/s"}, false},
    {"kbps kb/s kb k", {NULL, "kbit/s", "kB/s"}, false},
    {"mbps mb/s mb m", {NULL, "Mbit/s", "MB/s"}, false},
    {"gbps gb/s gb g", {NULL, "Gbit/s", "GB/s"}, false},
    {NULL, {NULL, NULL, NULL}, false},
};

static bool is_written(const struct spelling *s, const char *text, size_t len)
{
	const char *word = s->written;

	while (*word) {
		size_t n = strcspn(word, " ");

		if (n == len &&
		    (s->capitals ? strncmp(word, text, n) == 0 : strncasecmp(word, text, n) == 0))
			return true;
		word += n + strspn(word + n, " ");
	}
	return false;
}

const struct unit_word *unit_word_find(enum unit_kind kind, const char *text, size_t len)
{
	static const struct spelling *const tables[] = {
	    [UNIT_DURATION] = durations, [UNIT_SIZE] = sizes, [UNIT_RATE] = rates};

	for (const struct spelling *s = tables[kind]; s->written; s++)
		if (is_written(s, text, len))
			return &s->word;
	return NULL;
}
