/* journal_lines.h - walks a journal line by line, each with its wall clock, and reads the line that
 * names a session's connection on the wire. */
#ifndef WEDGE_SCENARIOS_ANNOTATE_JOURNAL_LINES_H
#define WEDGE_SCENARIOS_ANNOTATE_JOURNAL_LINES_H

#include "proxy/base/dir.h"
#include "scenarios/annotate/wire_index.h"

#include <jansson.h>

/* Called for each line, in order. wall_ns: nanoseconds since 1970 when the line was written; -1
 * when that isn't known (before the first part begins, or a broken line). */
typedef void (*journal_line_fn)(void *arg, const json_t *line, int64_t wall_ns);

/* Walks the file from its beginning; skips lines that aren't JSON. */
void journal_lines(FILE *f, journal_line_fn fn, void *arg);

/* Returns when a line was written, ns since 1970: t seconds after the part's beginning, whose time
 * is wall, seconds since 1970, or below 0: not known. -1 when it isn't known, or is none. */
int64_t journal_line_wall(double wall, double t);

/* Returns a text member, or "". */
const char *journal_line_text(const json_t *line, const char *key);

/* {"event":"connection","session":3,"leg":"client","client":"192.0.2.2:5","server":"..."} */
struct connection_line {
	size_t session;
	bool leg[LEG_COUNT]; /* both: forwarded */
	bool outside;	     /* not in the network of the session's listener */
	struct wire_conn conn;
};

/* Reads a connection line. false: the line is of another event, or broken. */
bool journal_connection_line(const json_t *line, struct connection_line *out);

#endif
