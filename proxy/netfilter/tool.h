/* tool.h - runs one of the system's packet filter tools: text in, text out. Knows no shell and no
 * environment of the user. */
#ifndef WEDGE_NETFILTER_TOOL_H
#define WEDGE_NETFILTER_TOOL_H

#include "proxy/base/err.h"

/* Runs argv[0], which it looks for in the system's sbin and bin folders, with input (may be NULL)
 * as standard input, and waits for its end. Its standard output goes to *output (the caller frees;
 * output may be NULL). Returns 0 when it exited with 0; else -1, with its complaint, or that it is
 * missing, in *e. */
int tool_run(const char *const argv[], const char *input, char **output, struct err *e) WG_MUSTUSE;

#endif
