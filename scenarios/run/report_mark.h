/* report_mark.h - what a report folder's mark proves: which files wedge wrote there, each with its
 * SHA-256. Only what a mark proves is ever removed; a name alone, such as result.json, proves
 * nothing. */
#ifndef WEDGE_SCENARIOS_RUN_REPORT_MARK_H
#define WEDGE_SCENARIOS_RUN_REPORT_MARK_H

#include "proxy/base/err.h"

#define REPORT_MARK ".wedge-report" /* the mark's name in the folder */

/* Lists the ordinary files of a folder in its mark, and of those within in theirs. For a folder
 * that wedge made itself, when all of it is written. -1 with *e. */
int report_mark_write(const char *folder, struct err *e) WG_MUSTUSE;

/* Whether a folder may go: it is empty, or the user's own mark in it lists all that it holds, with
 * nothing changed since. -1 with *e, which names the first thing that isn't proved. */
int report_mark_check(const char *folder, struct err *e) WG_MUSTUSE;

/* Removes such a folder file by file, the mark last; the same again finishes what was broken off.
 * Where anything isn't proved, nothing is removed: -1 with *e, which calls the folder name. */
int report_mark_remove(const char *folder, const char *name, struct err *e) WG_MUSTUSE;

#endif
