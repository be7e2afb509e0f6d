/* legs.h - parts a capture of every interface into the two legs of a proxy's sessions: which packet
 * belongs to which leg, and which to none. Knows connections, no events. */
#ifndef WEDGE_SCENARIOS_LIVE_LEGS_H
#define WEDGE_SCENARIOS_LIVE_LEGS_H

#include "scenarios/annotate/capture_file.h"
#include "scenarios/annotate/journal_lines.h"

struct legs;

struct legs *legs_new(void);
void legs_free(struct legs *l);

/* A connection that a session is or has. */
void legs_learn(struct legs *l, const struct connection_line *c);

/* Takes the packets of raw, whose link type is LINKTYPE_LINUX_SLL2, as far as it is whole. No
 * connection is learnt any more. Packets to other hosts, and copies that a packet leaves on the
 * interfaces below the one that routes it (a bridge's port, a bond's), belong to no leg. */
void legs_part(struct legs *l, const struct mapped *raw);

/* Packets of that leg. */
size_t legs_packets(const struct legs *l, enum leg leg);

/* Appends a capture of that leg's packets, as they are, with one interface of that name and what
 * describes it, to fd. raw: as before. whole: nothing was lost, so that the statistics say so. */
int legs_write(const struct legs *l, enum leg leg, const struct mapped *raw, bool whole, int fd,
	       struct err *e) WG_MUSTUSE;

#endif
