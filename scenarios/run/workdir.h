/* workdir.h - the report folder while it is being made: a sibling folder with a temporary name that
 * takes the wanted name only when the run is whole, and is removed on any other exit, kill -9 too.
 * Nothing is removed that isn't proved to be wedge's (report_mark.h).
 */
#ifndef WEDGE_SCENARIOS_RUN_WORKDIR_H
#define WEDGE_SCENARIOS_RUN_WORKDIR_H

#include "proxy/base/err.h"

struct workdir;

/* Makes the temporary folder beside out (and out's parents). An out that exists must be an earlier
 * report that its mark proves, or empty; it may be neither a file system of its own nor the folder
 * that the user is in. option, a constant, is what messages call it. NULL with *e on failure, and
 * nothing is changed. */
struct workdir *workdir_open(const char *out, const char *option, struct err *e) WG_MUSTUSE;

const char *workdir_path(const struct workdir *w); /* where to write now, an absolute path */

/* Marks the folder and puts it in out's place, in one step, replacing an earlier report. Where out
 * can't be replaced any more it stays as it is, and the new report stands beside it under the name
 * that is returned (to be freed), with the reason in *e; else NULL. Frees w. */
char *workdir_commit(struct workdir *w, struct err *e) WG_MUSTUSE;

void workdir_discard(struct workdir *w); /* removes the folder and frees; NULL is fine */

#endif
