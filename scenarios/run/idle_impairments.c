/* idle_impairments.c - reads what wedge has counted. */
#include "scenarios/run/idle_impairments.h"

#include <stdio.h>

static const char *text_of(const json_t *item, const char *key)
{
	return json_string_value(json_object_get(item, key));
}

void idle_impairments(const struct phase_data *d, void (*tell)(void *arg, const char *line),
		      void *arg)
{
	const json_t *list = json_object_get(d->wedge, "impairments");
	char line[256];

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);
		json_int_t sessions = json_integer_value(json_object_get(item, "sessions"));

		if (json_integer_value(json_object_get(item, "acted")))
			continue;
		snprintf(line, sizeof(line), "%s: %s acted on 0 of %lld %s: %s", d->label,
			 text_of(item, "impairment"), (long long)sessions,
			 sessions == 1 ? "session" : "sessions", text_of(item, "why"));
		tell(arg, line);
	}
}
