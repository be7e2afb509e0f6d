/* run_line.h - what a running wedge and a program that looks at it say to each other over a socket
 * (run_folder.h): lines of JSON, some with descriptors. Knows no line. */
#ifndef WEDGE_BASE_RUN_LINE_H
#define WEDGE_BASE_RUN_LINE_H

#include "proxy/base/err.h"

#include <jansson.h>

enum { RUN_LINE_FDS = 2 };

/* Sends a line, whose reference it takes, with n descriptors, which stay the caller's. Never waits;
 * -1: the other end doesn't take it. */
int run_line_send(int fd, json_t *line, const int *fds, size_t n) WG_MUSTUSE;

/* Waits so long for a line. fds gets the descriptors that come with it, *n how many. NULL with *e.
 */
json_t *run_line_recv(int fd, int timeout_ms, int fds[RUN_LINE_FDS], size_t *n, struct err *e);

/* Returns a text member, or "". */
const char *run_line_text(const json_t *line, const char *key);

#endif
