/* capture.h - what a service asks of a capture of its packets. Declared here and implemented above,
 * in scenarios/: main.c hands the table over, or NULL where none is built. */
#ifndef WEDGE_SERVICE_CAPTURE_H
#define WEDGE_SERVICE_CAPTURE_H

#include "proxy/base/err.h"

#include <stdint.h>

/* A capture at work, in a process of its own that also finishes when this one is killed. All
 * descriptors stay the capture's. */
struct capture {
	int journal; /* gets what wedge does, as lines of a journal */
	int secrets; /* gets TLS's secrets, as lines of a key log */
	int news;    /* is readable when news() has something to report */
};

struct capture_ops {
	/* Begins to capture every TCP packet of this network; path is written anew at the end.
	 * NULL with *e when path can't be written, or packets can't be captured, with nothing left
	 * behind. */
	struct capture *(*begin)(const char *path, struct err *e);

	/* Captures from here on only packets that match, in the words of pcap-filter(7). */
	int (*select)(struct capture *c, const char *filter, struct err *e);

	/* 0: nothing new. -1 with *e, once: it captures no more; what it has is written at the end.
	 */
	int (*news)(struct capture *c, struct err *e);

	/* Captures nothing that is from after end_ns, wall clock. */
	void (*cut)(struct capture *c, int64_t end_ns);

	/* Ends the capture and frees c: takes what is on its way, reads the journal's copy and the
	 * secrets, writes the file. *told is a line about what became of it; the caller frees. -1
	 * with *e: the file wasn't written. */
	int (*end)(struct capture *c, char **told, struct err *e);

	/* Ends the capture without a file, and frees c. */
	void (*discard)(struct capture *c);
};

#endif
