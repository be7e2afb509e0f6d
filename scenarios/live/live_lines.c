/* live_lines.c - a line is looked at when its newline has come. */
#include "scenarios/live/live_lines.h"

#include "scenarios/annotate/journal_lines.h"

#include <stdlib.h>
#include <string.h>

static void take_line(struct live_lines *l, const char *text, size_t len,
		      void (*fn)(void *arg, json_t *line, int64_t wall_ns), void *arg)
{
	json_t *line = json_loadb(text, len, 0, NULL);

	if (!line)
		return;
	if (strcmp(journal_line_text(line, "event"), "journal") == 0) {
		l->wall = json_number_value(json_object_get(line, "wall"));
		l->begun = true;
	}
	fn(arg, line,
	   journal_line_wall(l->begun ? l->wall : -1,
			     json_number_value(json_object_get(line, "t"))));
	json_decref(line);
}

void live_lines_take(struct live_lines *l, const void *data, size_t len,
		     void (*fn)(void *arg, json_t *line, int64_t wall_ns), void *arg)
{
	const uint8_t *at, *end, *newline;

	pcapng_put(&l->half, data, len);
	at = l->half.data;
	end = at + l->half.len;
	while (at < end && (newline = memchr(at, '\n', (size_t)(end - at)))) {
		take_line(l, (const char *)at, (size_t)(newline - at), fn, arg);
		at = newline + 1;
	}
	l->half.len = (size_t)(end - at);
	memmove(l->half.data, at, l->half.len);
}

void live_lines_free(struct live_lines *l)
{
	free(l->half.data);
}
