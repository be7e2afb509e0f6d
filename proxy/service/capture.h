/* capture.h - what "wedge proxy" asks of a capture of its packets. Declared here and implemented
 * above, in scenarios/: main.c hands it over, and a wedge that was built without has none. */
#ifndef WEDGE_SERVICE_CAPTURE_H
#define WEDGE_SERVICE_CAPTURE_H

#include "proxy/base/err.h"

/* At work, in a process of its own that also finishes when this one is killed. */
struct capture {
	/* Descriptors to append to, which stay the capture's: what wedge does, as a journal, and
	 * TLS's secrets, as a key log. */
	int journal, secrets;
	int news; /* readable when news() has something to tell */
};

struct capture_ops {
	/* Begins to capture every TCP packet of this network; path is written anew at the end. NULL
	 * with *e when it can't be, or packets can't be captured, with nothing left behind. */
	struct capture *(*begin)(const char *path, struct err *e);

	/* From here on only packets that match, in the words of pcap-filter(7). */
	int (*select)(struct capture *c, const char *filter, struct err *e);

	/* 0: nothing new. -1 with *e, once: it captures no more; what it has is written at the end.
	 */
	int (*news)(struct capture *c, struct err *e);

	/* Ends it: takes what is on its way, reads the journal's copy and the secrets, writes the
	 * file. *told is what became of it, a line; the caller frees. -1 with *e: it wasn't
	 * written. Frees c. */
	int (*end)(struct capture *c, char **told, struct err *e);

	/* Ends it without a file. Frees c. */
	void (*discard)(struct capture *c);
};

#endif
