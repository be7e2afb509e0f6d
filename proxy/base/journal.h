/* journal.h - the append-only record of what wedge did, one JSON object a line: the ground truth
 * of injection. Verdicts never read it (docs/architecture.md, rule 1). */
#ifndef WEDGE_BASE_JOURNAL_H
#define WEDGE_BASE_JOURNAL_H

#include "proxy/base/clock.h"
#include "proxy/base/err.h"
#include "proxy/base/own_file.h"
#include "proxy/base/writer.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdbool.h>

struct journal;

extern const struct own_kind journal_kind; /* what a journal may be appended to */

/* Opens a journal that appends to the file at path, made with mode 0644; path NULL: to no file.
 * A file that exists must be a journal (own_file_check_append). Every line carries "t" (seconds of
 * the given clock since the journal was opened), and the first one "wall". NULL with *e on failure.
 */
struct journal *journal_open(const char *path, const struct clock *clock, struct err *e) WG_MUSTUSE;

/* The same, with lines put to w, at once: none is lost when this process is killed. w stays the
 * caller's, and is to be ended after the journal's close. */
struct journal *journal_to_writer(struct writer *w, const struct clock *clock) WG_MUSTUSE;

/* Puts the line that the journal began with to w, and every one from now on; w stays the caller's.
 * At most LINE_COPIES_MAX at once. */
void journal_copy(struct journal *j, struct writer *w);

/* Puts no more lines to w. */
void journal_uncopy(struct journal *j, const struct writer *w);

/* Calls tell(arg), whose lines, but no other thread's, go to w alone: what they say is known to
 * everybody else. One thread at a time. */
void journal_retell(struct journal *j, struct writer *w, void (*tell)(void *arg), void *arg);

/* Whether a line would be written anywhere: who has to ask for what it says needn't, if not. NULL
 * is fine. */
bool journal_is_read(const struct journal *j);

/* Calls fn with each line from now on, newline included; NULL: no more. fn must write no event. */
void journal_tap(struct journal *j, void (*fn)(void *arg, const char *line, size_t len), void *arg);

void journal_close(struct journal *j); /* flushes; NULL is fine */

/* Writes one line, from any thread: {"t": ..., "event": event, ...}; fmt is jansson's json_pack
 * object format without the braces ("s:I, s:s"), NULL for no more members. A NULL journal records
 * nothing. */
void journal_event(struct journal *j, const char *event, const char *fmt, ...);

/* Writes one line with the members of about before those of fmt, for objects that name themselves
 * on each line. Takes the reference to about; where both have a name, about's member stays. */
void journal_vevent(struct journal *j, const char *event, json_t *about, const char *fmt,
		    va_list ap);

/* Writes the event with what l says was lost, unless that is nothing. */
void journal_lost(struct journal *j, const char *event, struct writer_losses l);

void journal_flush(struct journal *j);

/* From now on, until told otherwise, lines are dropped: what happens while a laboratory is taken
 * down belongs to no story. */
void journal_mute(struct journal *j, bool mute);

#endif
