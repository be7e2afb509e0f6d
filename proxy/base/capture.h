/* capture.h - what is asked of a capture of packets. Declared here and implemented above, in
 * scenarios/: main.c hands the table over, or NULL where none is built. */
#ifndef WEDGE_BASE_CAPTURE_H
#define WEDGE_BASE_CAPTURE_H

#include "proxy/base/err.h"

#include <stdint.h>

/* A capture at work. All descriptors stay the capture's. */
struct capture {
	int journal; /* gets what wedge does, as lines of a journal */
	int secrets; /* gets TLS's secrets, as lines of a key log */
	int news;    /* is readable when news() has something to report; -1 before the start */
};

/* Namespaces of the client legs, as descriptors, where they aren't in this network. */
struct capture_apart {
	int user; /* grants the power over net; -1: this process has it */
	int net;
};

struct capture_ops {
	/* Whether packets can be captured in this network: 0; -1 with *e. */
	int (*check)(struct err *e);

	/* Opens what a capture needs but packets; path is written anew at the end. NULL with *e
	 * when path can't be written, with nothing left behind. */
	struct capture *(*open)(const char *path, struct err *e);

	/* Begins to capture every TCP packet of this network, and of apart unless that is NULL, in
	 * a process of its own that also finishes when this one is killed. *lacks: words about what
	 * of this network can't be captured beside apart, and why; the caller frees; else NULL. -1
	 * with *e when packets can't be captured. await must follow. */
	int (*start)(struct capture *c, const struct capture_apart *apart, char **lacks,
		     struct err *e);

	/* Waits until it captures, some milliseconds; any thread may. -1 with *e: it doesn't. */
	int (*await)(struct capture *c, struct err *e);

	/* Captures from here on only packets that match, in the words of pcap-filter(7). */
	int (*select)(struct capture *c, const char *filter, struct err *e);

	/* 0: nothing new. -1 with *e, once: it captures no more; what it has is written at the end.
	 */
	int (*news)(struct capture *c, struct err *e);

	/* Captures nothing that is from after end_ns, wall clock. */
	void (*cut)(struct capture *c, int64_t end_ns);

	/* Ends the capture and frees c, in any thread: takes what is on its way, reads the
	 * journal's copy and the secrets, writes the file. *told is a line about what became of it;
	 * the caller frees. -1 with *e: the file wasn't written. */
	int (*end)(struct capture *c, char **told, struct err *e);

	/* Ends the capture without a file, and frees c. */
	void (*discard)(struct capture *c);

	/* Begins a capture of its own, in a process of its own, that goes into fd, which stays the
	 * caller's, as pcapng while it lasts. It knows of no journal; news() tells its failure,
	 * also to begin. It ends by discard, by leave, or when nobody reads fd. NULL with *e. */
	struct capture *(*stream)(int fd, struct err *e);

	/* Has a stream take only packets that match, and never waits. -1: it hears nothing. */
	int (*aim)(struct capture *c, const char *filter);

	/* Lets a stream end by itself, when it has written what it has, and frees c. */
	void (*leave)(struct capture *c);
};

#endif
