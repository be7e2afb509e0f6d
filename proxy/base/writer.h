/* writer.h - a process that writes for wedge, so that nothing that wedge writes to can hold it up,
 * stop it or end it: not a reader that stands still or goes away, not a full or a slow disk. Lines
 * wait for it in memory, which is bounded; what is lost is counted, and told where it is missing.
 * Lines that were put are written even when the process that put them is killed. */
#ifndef WEDGE_BASE_WRITER_H
#define WEDGE_BASE_WRITER_H

#include "proxy/base/err.h"
#include "proxy/base/writer_process.h"

struct writer_losses {
	unsigned long long lines;
	const char *why; /* in words; "" when lines is 0 */
};

struct writer;

/* Starts the process; arg and the strings must last as long as it. NULL with *e. */
struct writer *writer_new(const struct writer_output *o, struct err *e) WG_MUSTUSE;

/* Puts whole lines, in the order of the calls; never waits. At most WRITER_ROOM / 2 at once. To be
 * called by one process only, which may be a child of the one that made the writer. */
void writer_put(struct writer *w, const char *lines, size_t len);

/* Until now. */
struct writer_losses writer_losses(const struct writer *w);

/* The descriptor that a child must keep which puts lines. */
int writer_bell(const struct writer *w);

/* Ends the process when all is written, after WRITER_END_MS at the latest, and frees w. To be
 * called by the process that made it, after the last writer_put. */
struct writer_losses writer_end(struct writer *w);

#endif
