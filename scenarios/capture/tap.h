/* tap.h - live capture of one interface into a pcapng file, as a process of its own. Knows nothing
 * of impairments (docs/architecture.md, rule 1). */
#ifndef WEDGE_CAPTURE_TAP_H
#define WEDGE_CAPTURE_TAP_H

#include "proxy/base/err.h"

#include <jansson.h>

struct tap_config {
	char interface[16];
	char path[512];	      /* the pcapng file to write; created or truncated */
	char description[64]; /* for the interface block: "client leg" */
	char filter[256];     /* libpcap filter, "" for all */
	uint32_t snaplen;     /* 0: whole packets */
};

/* Captures until {"type":"stop"} or end of file on msg_fd. Sends {"type":"ready"} once packets are
 * taken, {"type":"result","received":n,"dropped":n,"written":n} at the end, {"type":"error",...}
 * when it can't. After a stop it drains what the kernel has before it closes. A role's main. */
int tap_main(void *tap_config, int msg_fd);

#endif
