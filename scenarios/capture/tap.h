/* tap.h - live capture of one interface into a pcapng file, as a process of its own. Knows nothing
 * of impairments (docs/architecture.md, rule 1). */
#ifndef WEDGE_SCENARIOS_CAPTURE_TAP_H
#define WEDGE_SCENARIOS_CAPTURE_TAP_H

#include "proxy/base/err.h"

#include <jansson.h>

enum { TAP_PATH = 512 };

/* On the interface "any", which is all of them, packets have the header of Linux "cooked" captures
 * (LINKTYPE_LINUX_SLL2) with the index of their interface; those of the loopback interface appear
 * once. */
struct tap_config {
	char interface[16];
	char shown[16];	     /* the interface's name in the file; "": its own */
	char path[TAP_PATH]; /* the pcapng file to write; created or truncated */
	const int *file; /* an open file to write instead; path is its name in errors. NULL: path */
	char description[64]; /* for the interface block: "client leg" */
	char filter[256];     /* libpcap filter, "" for all */
	uint32_t snaplen;     /* 0: whole packets */
};

/* Packets, as libpcap counts them. */
struct tap_counts {
	uint64_t received, dropped, written;
};

struct tap;

/* Takes packets from here on, of the network that the process is in, wherever it goes then; NULL
 * with *e. */
struct tap *tap_open(const struct tap_config *c, struct err *e) WG_MUSTUSE;
void tap_close(struct tap *t); /* NULL is fine */

enum { TAPS_MAX = 2 };

struct tap_set {
	struct tap *tap[TAPS_MAX];
	size_t n;
	int msg_fd; /* to whom the capture is for */
};

/* Captures until {"type":"stop"} or end of file on msg_fd, then drains what the kernel has.
 * {"type":"filter","filter":text} changes the filter; the answer is {"type":"filtered"}, with "why"
 * when the text is no filter and the old one stays. {"type":"cut","end":ns} leaves out what is from
 * after that moment, nanoseconds since 1970. *counts is the sum of all. -1 with *e when the capture
 * can't go on; the files are then whole but for a last block. */
int taps_run(const struct tap_set *s, struct tap_counts *counts, struct err *e) WG_MUSTUSE;

/* One tap as a role's main: sends {"type":"ready"} once packets are taken,
 * {"type":"result","received":n,"dropped":n,"written":n} at the end, {"type":"error",...} when it
 * can't. */
int tap_main(void *tap_config, int msg_fd);

#endif
