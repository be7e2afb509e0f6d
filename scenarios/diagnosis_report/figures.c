/* figures.c - texts; nothing is computed here that the diagnosis doesn't hold. */
#include "scenarios/diagnosis_report/figures.h"

#include "proxy/base/mem.h"

#include <inttypes.h>

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
	if (s->renumbered)
		return xasprintf("frame.number in {%s}", frames);
	return xasprintf("tcp.stream eq %" PRIu32 " && frame.number in {%s}", s->connection,
			 frames);
}
