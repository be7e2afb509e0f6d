/* journal_lines.c - believes nothing that it has not checked: a journal may be cut off, or written
 * by hand. */
#include "scenarios/annotate/journal_lines.h"

#include "proxy/base/clock.h"

#include <math.h>
#include <string.h>

/* Seconds since 1970; a sum of two stays within nanoseconds of int64_t. */
#define SECONDS_MAX  4e9
#define SESSIONS_MAX (1u << 24)

const char *journal_line_text(const json_t *line, const char *key)
{
	const char *text = json_string_value(json_object_get(line, key));

	return text ? text : "";
}

int64_t journal_line_wall(double wall, double t)
{
	if (!(wall >= 0 && wall < SECONDS_MAX && t >= 0 && t < SECONDS_MAX))
		return -1;
	return (int64_t)(wall * (double)NS_PER_S) + llround(t * (double)NS_PER_S);
}

void journal_lines(FILE *f, journal_line_fn fn, void *arg)
{
	double wall = -1; /* of t 0 of the part that is being read */
	char *text = NULL;
	size_t room = 0;

	rewind(f);
	while (getline(&text, &room, f) > 0) {
		json_t *line = json_loads(text, 0, NULL);

		if (!line)
			continue;
		if (strcmp(journal_line_text(line, "event"), "journal") == 0)
			wall = json_number_value(json_object_get(line, "wall"));
		fn(arg, line,
		   journal_line_wall(wall, json_number_value(json_object_get(line, "t"))));
		json_decref(line);
	}
	free(text);
}

bool journal_connection_line(const json_t *line, struct connection_line *out)
{
	json_int_t session = json_integer_value(json_object_get(line, "session"));
	const char *leg = journal_line_text(line, "leg");
	bool forwarded = strcmp(leg, "forwarded") == 0;
	struct addr client, server;

	if (strcmp(journal_line_text(line, "event"), "connection") != 0 || session <= 0 ||
	    session > SESSIONS_MAX ||
	    addr_parse(journal_line_text(line, "client"), &client, NULL) == -1 ||
	    addr_parse(journal_line_text(line, "server"), &server, NULL) == -1)
		return false;
	*out = (struct connection_line){.session = (size_t)session,
					.outside = json_is_true(json_object_get(line, "outside")),
					.conn = {wire_end(&client), wire_end(&server)}};
	for (enum leg i = 0; i < LEG_COUNT; i++)
		out->leg[i] = forwarded || strcmp(leg, leg_name(i)) == 0;
	return true;
}
