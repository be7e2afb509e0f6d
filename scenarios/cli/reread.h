/* reread.h - a capture that is to be read more than once: a pipe can't be, but a copy of it can. */
#ifndef WEDGE_SCENARIOS_CLI_REREAD_H
#define WEDGE_SCENARIOS_CLI_REREAD_H

#include "proxy/base/err.h"

/* Copies the capture at *path ("-": standard input), unless it is an ordinary file, into a file
 * without a name in $TMPDIR or /tmp; that becomes standard input, and *path "-". Waits for the end
 * of the pipe. -1 with *e when it can't be opened, read, or copied there. */
int reread_prepare(const char **path, struct err *e) WG_MUSTUSE;

#endif
