/* workdir.h - the report folder while it is being made: a sibling folder with a temporary name that
 * takes the wanted name only when the run is whole, and is removed on any other exit, kill -9 too.
 */
#ifndef WEDGE_SCENARIOS_RUN_WORKDIR_H
#define WEDGE_SCENARIOS_RUN_WORKDIR_H

#include "proxy/base/err.h"

struct workdir;

/* Makes the temporary folder beside out (and out's parents). An out that exists must be an earlier
 * report (it holds result.json) or empty; anything else is refused. NULL with *e on failure. */
struct workdir *workdir_open(const char *out, struct err *e) WG_MUSTUSE;

const char *workdir_path(const struct workdir *w); /* where to write now, an absolute path */

/* Puts the folder in out's place, replacing an earlier report. Frees w in any case. */
int workdir_commit(struct workdir *w, struct err *e) WG_MUSTUSE;

void workdir_discard(struct workdir *w); /* removes the folder and frees; NULL is fine */

#endif
