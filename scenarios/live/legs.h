/* legs.h - parts a capture of every interface into the two legs of a proxy's sessions: each packet
 * belongs to a leg, or to none. Knows connections, no events. */
#ifndef WEDGE_SCENARIOS_LIVE_LEGS_H
#define WEDGE_SCENARIOS_LIVE_LEGS_H

#include "scenarios/annotate/capture_file.h"
#include "scenarios/annotate/journal_lines.h"
#include "scenarios/base/pcapng_buf.h"

struct legs;

struct legs *legs_new(void);
void legs_free(struct legs *l);

/* Learns one connection of a session, in the order of the journal. */
void legs_learn(struct legs *l, const struct connection_line *c);

/* Takes the packets of raw, whose link type is LINKTYPE_LINUX_SLL2, as far as it is whole. What is
 * learnt later is for the next raw; what it says of a packet depends on the ones before. Packets to
 * other hosts, and copies that a packet leaves on the interfaces below the one that routes it (a
 * bridge's port, a bond's), belong to no leg. */
void legs_part(struct legs *l, const struct mapped *raw);

/* Returns the number of that leg's packets. */
size_t legs_packets(const struct legs *l, enum leg leg);

/* Whether packets are redirected to wedge's listener. */
bool legs_are_redirected(const struct legs *l);

/* Appends to out that leg's packets, each a block, as legs_write shows them. raw: that of the last
 * legs_part. */
void legs_append(const struct legs *l, enum leg leg, const struct mapped *raw,
		 struct pcapng_buf *out);

/* Appends to fd a capture of that leg's packets, as they are but for the addresses of those that
 * are redirected to wedge's listener, which are those that the client knows, with one interface
 * named for the leg and described by its host's interfaces. raw: that of legs_part. whole: nothing
 * was lost, and the statistics record it. */
int legs_write(const struct legs *l, enum leg leg, const struct mapped *raw, bool whole, int fd,
	       struct err *e) WG_MUSTUSE;

#endif
