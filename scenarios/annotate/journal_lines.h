/* journal_lines.h - walks a journal line by line, each with its wall clock, and reads the one that
 * says what a session is on the wire. */
#ifndef WEDGE_SCENARIOS_ANNOTATE_JOURNAL_LINES_H
#define WEDGE_SCENARIOS_ANNOTATE_JOURNAL_LINES_H

#include "proxy/base/dir.h"
#include "scenarios/annotate/wire_index.h"

#include <jansson.h>

/* Told of each line in its order. wall_ns: when it happened, since 1970; -1 where it can't be told
 * (before the first part begins, or a broken line). */
typedef void (*journal_line_fn)(void *arg, const json_t *line, int64_t wall_ns);

/* From the beginning of the file; lines that aren't JSON are left out. */
void journal_lines(FILE *f, journal_line_fn fn, void *arg);

/* A text member, or "". */
const char *line_text(const json_t *line, const char *key);

/* {"event":"connection","session":3,"leg":"client","client":"192.0.2.2:5","server":"..."} */
struct connection_line {
	size_t session;
	bool leg[LEG_COUNT]; /* both: forwarded */
	struct wire_conn conn;
};

/* false: it is another line, or a broken one. */
bool connection_line(const json_t *line, struct connection_line *out);

#endif
