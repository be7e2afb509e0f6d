/* writer_process.h - what runs in a writer's process: takes lines out of the ring and writes them.
 */
#ifndef WEDGE_BASE_WRITER_PROCESS_H
#define WEDGE_BASE_WRITER_PROCESS_H

#include "proxy/base/line_ring.h"

#define WRITER_ROOM   (4u << 20) /* bytes that may wait for it */
#define WRITER_END_MS 2000	 /* what waits at the end may take this long, then it is lost */

/* Why lines are lost that no write() has refused. */
#define WRITER_NOT_TAKEN "what is written isn't taken"

/* What is written to. */
struct writer_output {
	int fd;		  /* the caller's; the writer has its own */
	const char *fifo; /* where fd is -1: a FIFO to be opened as soon as it has a reader */
	const char *name; /* for messages on standard error; NULL: it is standard error */
	/* The caller's, so that others can look into it; NULL: one of its own. */
	struct line_ring *ring;
	/* A line that says in the output that lines are missing before it; the caller frees. */
	char *(*gap)(void *arg, unsigned long long lines, const char *why);
	void *arg;
};

/* Writes until the ring is over and empty, or nobody has the bell's other end any more. */
_Noreturn void writer_process(const struct writer_output *o, struct line_ring *ring, int bell);

#endif
