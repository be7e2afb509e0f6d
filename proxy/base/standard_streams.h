/* standard_streams.h - descriptors 0, 1 and 2 as supervisors, cron and remote shells leave them:
 * closed, full, at their end, non-blocking, or read by nobody. Knows no command. */
#ifndef WEDGE_BASE_STANDARD_STREAMS_H
#define WEDGE_BASE_STANDARD_STREAMS_H

#include "proxy/base/writer.h"

#include <stdio.h>

/* To be called first in main: what is closed is given a place holder that can't be used either
 * (EBADF), so that nothing that is opened later becomes a standard stream; SIGPIPE is ignored, so
 * that a reader who goes is an error like others. */
void standard_streams_begin(void);

/* From here on standard error is written by a process of its own (writer.h), here and in children:
 * nobody who writes there waits for its reader. Where no process can be made it stays as it is. */
void standard_streams_relay(void);

/* True when standard error is a terminal, with or without a process between. */
bool standard_streams_terminal(void);

/* On a terminal: what is printed next to stdout or stderr takes the place of the line that the
 * cursor is in. Printed text itself can't do that: its control characters are escaped. */
void standard_streams_erase_line(FILE *stream);

/* Waits for what was written to standard error to be there, a moment at most: before somebody else
 * writes there. */
void standard_streams_sync(void);

/* What standard error has lost, after standard_streams_sync. */
struct writer_losses standard_streams_losses(void);

/* In a child, before it becomes another program: the streams, and SIGPIPE, as wedge got them. */
void standard_streams_give(void);

/* To be called last. Returns the exit status: status, or failed instead of 0 when standard output
 * lacks something or the process that writes standard error was killed, which it tells. Waits
 * WRITER_END_MS at most for the reader of standard error. */
int standard_streams_end(int status, int failed);

#endif
