/* journal.h - the append-only record of what wedge did, one JSON object a line: the ground truth
 * of injection. Verdicts never read it (docs/architecture.md, rule 1). */
#ifndef WEDGE_BASE_JOURNAL_H
#define WEDGE_BASE_JOURNAL_H

#include "proxy/base/clock.h"
#include "proxy/base/err.h"

#include <jansson.h>
#include <stdarg.h>

struct journal;

/* Appends to the file at path, made with mode 0644; path NULL: to none. Every line carries "t"
 * (seconds of the given clock since the journal was opened), "wall" in the first line only. NULL
 * and *e on failure. */
struct journal *journal_open(const char *path, const struct clock *clock, struct err *e) WG_MUSTUSE;

/* Right after journal_open: every line goes to fd, too, which is taken, and at once: nothing of it
 * is lost if this process is killed. name: of it, in errors. */
void journal_copy(struct journal *j, const char *name, int fd);
void journal_close(struct journal *j); /* flushes; NULL is fine */

/* One line: {"t": ..., "event": event, ...}; fmt is jansson's json_pack object format without the
 * braces ("s:I, s:s"), NULL for no more members. A NULL journal records nothing. */
void journal_event(struct journal *j, const char *event, const char *fmt, ...);

/* As journal_event with a va_list, and with the members of about (its reference is taken; existing
 * names stay) before those of fmt: for objects that say on each line who they are. */
void journal_vevent(struct journal *j, const char *event, json_t *about, const char *fmt,
		    va_list ap);

void journal_flush(struct journal *j);

#endif
