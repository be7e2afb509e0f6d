/* environment_line.c - members of members stand in brackets. */
#include "scenarios/report/environment_line.h"

#include "proxy/base/mem.h"

char *environment_line(const json_t *value)
{
	char *text = NULL, *longer, *inner;
	const char *key;
	json_t *member;

	if (!json_is_object(value)) {
		char *dumped = json_is_string(value)
				   ? xstrdup(json_string_value(value))
				   : json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(6));

		BUG_ON(!dumped);
		return dumped;
	}
	json_object_foreach((json_t *)value, key, member)
	{
		inner = environment_line(member);
		longer = xasprintf(json_is_object(member) ? "%s%s%s(%s)" : "%s%s%s=%s",
				   text ? text : "", text ? " " : "", key, inner);
		free(inner);
		free(text);
		text = longer;
	}
	return text ? text : xstrdup("-");
}
