/* sessions_params.c - a name's letters, and two sizes. */
#include "scenarios/workload/sessions_params.h"

#include "proxy/base/units.h"
#include "scenarios/workload/mailbox.h"

#include <string.h>

const char *const sessions_interface_names[] = {"mailbox", "endpoint_mapper", NULL};

int sessions_check_user(const char *text, struct err *e)
{
	if (!*text || strlen(text) > MAILBOX_NAME_MAX)
		return err_set(e, "a name has from 1 to %d bytes", MAILBOX_NAME_MAX);
	for (const char *s = text; *s; s++)
		if (*s < ' ' || *s > '~')
			return err_set(e, "a name is of ASCII, without control characters");
	return 0;
}

static int parse_sizes(const char *text, uint64_t *low, uint64_t *high, struct err *e)
{
	const char *comma = strchr(text, ',');
	char word[32];

	snprintf(word, sizeof(word), "%.*s", comma ? (int)(comma - text) : 31, text);
	if (parse_size(word, low, e) || parse_size(comma ? comma + 1 : word, high, e))
		return -1;
	if (*low < MAILBOX_CALL_LEAST || *high > DCERPC_STUB_MAX || *low > *high)
		return err_set(
		    e, "a stub has from %dB to %uMiB, the smaller size first, not \"%.40s\"",
		    MAILBOX_CALL_LEAST, DCERPC_STUB_MAX >> 20, text);
	return 0;
}

int sessions_check_sizes(const char *text, struct err *e)
{
	uint64_t low, high;

	return parse_sizes(text, &low, &high, e);
}

size_t sessions_draw_size(const char *text, struct rng *chance)
{
	uint64_t low, high;
	struct err e;

	BUG_ON(parse_sizes(text, &low, &high, &e));
	return (size_t)(low == high ? low : low + rng_below(chance, high - low + 1));
}
