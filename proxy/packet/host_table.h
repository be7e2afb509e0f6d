/* host_table.h - what was seen of hosts on their earlier connections, so that a new one needn't
 * begin without: hop limit and traffic class, and how fast the clock of the timestamps goes.
 * Bounded: of two hosts with one hash the newer is known. */
#ifndef WEDGE_PACKET_HOST_TABLE_H
#define WEDGE_PACKET_HOST_TABLE_H

#include "proxy/base/addr.h"
#include "proxy/packet/pkt_sender.h"

enum { HOST_TABLE_SIZE = 1024 };

struct host_entry {
	struct addr host; /* the port doesn't count; len 0: none */
	struct ip_marks marks;
	double hz; /* 0: not known for sure */
};

/* Embed it, zeroed. Packets that are forwarded and packets of this host's own sockets have other
 * hop limits, so each has a table. */
struct host_table {
	struct host_entry entry[HOST_TABLE_SIZE];
	uint16_t stray_id[HOST_TABLE_SIZE]; /* of all hosts with one hash */
};

/* Remembers what s tells of the host, when it tells anything. */
void host_table_put(struct host_table *t, const struct addr *host, const struct pkt_sender *s);

/* Sets in *s what is known of the host; leaves it as it is when nothing is, but for stray_id, which
 * points into the table. */
void host_table_get(struct host_table *t, const struct addr *host, struct pkt_sender *s);

#endif
