/* tap.h - live capture of one interface into a pcapng file, as a process of its own. Knows nothing
 * of impairments (docs/architecture.md, rule 1). */
#ifndef WEDGE_SCENARIOS_CAPTURE_TAP_H
#define WEDGE_SCENARIOS_CAPTURE_TAP_H

#include "proxy/base/err.h"

#include <jansson.h>

/* On the interface "any", which is all of them, packets have the header of Linux "cooked" captures
 * (LINKTYPE_LINUX_SLL2) with the index of their interface; those of the loopback interface appear
 * once. */
struct tap_config {
	char interface[16];
	char path[512];	 /* the pcapng file to write; created or truncated */
	const int *file; /* an open file to write instead; path is its name in errors. NULL: path */
	char description[64]; /* for the interface block: "client leg" */
	char filter[256];     /* libpcap filter, "" for all */
	uint32_t snaplen;     /* 0: whole packets */
};

/* Packets, as libpcap counts them. */
struct tap_counts {
	uint64_t received, dropped, written;
};

/* Captures until {"type":"stop"} or end of file on msg_fd, then drains what the kernel has. Sends
 * {"type":"ready"} once packets are taken. {"type":"filter","filter":text} changes the filter; the
 * answer is {"type":"filtered"}, with "why" when the text is no filter and the old one stays.
 * {"type":"cut","end":ns} leaves out what is from after that moment, nanoseconds since 1970. -1
 * with *e when the capture can't go on; the file is then whole but for a last block. */
int tap_capture(const struct tap_config *c, int msg_fd, struct tap_counts *counts,
		struct err *e) WG_MUSTUSE;

/* tap_capture as a role's main: sends {"type":"result","received":n,"dropped":n,"written":n} at the
 * end, {"type":"error",...} when it can't. */
int tap_main(void *tap_config, int msg_fd);

#endif
