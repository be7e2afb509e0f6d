/* annotate_live.h - the last pass over a capture of "wedge proxy" or "wedge exec": the raw captures
 * of every interface, the journal and TLS's secrets become one capture with comments. */
#ifndef WEDGE_SCENARIOS_LIVE_ANNOTATE_LIVE_H
#define WEDGE_SCENARIOS_LIVE_ANNOTATE_LIVE_H

#include "proxy/base/dir.h"
#include "proxy/base/err.h"

#include <stdbool.h>

/* Descriptors; they stay the caller's. */
struct live_files {
	/* pcapng, LINKTYPE_LINUX_SLL2; may break off. Equal: one network has both legs. Else the
	 * client legs are in another one; the server's -1: not captured. */
	int raw[LEG_COUNT];
	int journal, secrets;
};

struct live_summary {
	size_t packets[LEG_COUNT], comments, missed; /* missed: events that match no packet */
	bool no_server;				     /* the server leg isn't captured */
	bool one_tuple; /* connections have equal addresses on both legs */
};

/* Writes path anew, whole or not at all, with the packets of the journal's sessions: interface 0 is
 * the client leg, 1 the server leg. Where both legs of a connection have equal addresses, which
 * Wireshark takes for one connection, each leg also gets a file of its own (live_leg_path). lost:
 * packets that the capture didn't get, UINT64_MAX when their number isn't known. */
int annotate_live(const char *path, const struct live_files *files, uint64_t lost,
		  struct live_summary *summary, struct err *e) WG_MUSTUSE;

/* Returns the name of one leg's file: "a/b-client.pcapng" for "a/b.pcapng"; the caller frees. */
char *live_leg_path(const char *path, enum leg leg) WG_MUSTUSE;

#endif
