/* live_watch.h - a program's end of a look at a running wedge: which there are, and what one of
 * them does, as a capture that is written while it happens. */
#ifndef WEDGE_SCENARIOS_LIVE_LIVE_WATCH_H
#define WEDGE_SCENARIOS_LIVE_LIVE_WATCH_H

#include "proxy/base/err.h"

#include <stdbool.h>

/* A wedge of this user that runs: a proxy, or a run of a lab. Texts last for the call. */
struct live_wedge {
	const char *name; /* to be given to live_watch */
	const char *what; /* the names of its proxies, or the run's; "": it has none */
	const char *why;  /* why its packets can't be captured; "": they can */
};

/* Calls fn with each of them. -1 with *e: there is no place where they could be found. */
int live_wedges(void (*fn)(void *arg, const struct live_wedge *w), void *arg,
		struct err *e) WG_MUSTUSE;

/* Refuses what is no filter of pcap-filter(7). */
int live_filter_check(const char *text, struct err *e) WG_MUSTUSE;

/* Writes what the wedge of that name does into fd, until it ends or nobody reads fd any more;
 * filter says which packets, NULL: all. -1 with *e. */
int live_watch(const char *name, const char *filter, int fd, struct err *e) WG_MUSTUSE;

#endif
