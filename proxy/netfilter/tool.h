/* tool.h - runs one of the system's packet filter tools, text in, text out; no shell. */
#ifndef WEDGE_NETFILTER_TOOL_H
#define WEDGE_NETFILTER_TOOL_H

#include "proxy/base/err.h"

/* Runs argv[0], looked for in the system's sbin and bin folders, with input (may be NULL) as its
 * standard input. Its standard output goes to *output (the caller frees; may be NULL). 0 when it
 * exited with 0; else -1 and what it said, or that it is missing, in *e. */
int tool_run(const char *const argv[], const char *input, char **output, struct err *e) WG_MUSTUSE;

#endif
