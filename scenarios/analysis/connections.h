/* connections.h - the connections of a capture, found by address and port, in order of their first
 * packet. Decides when a new connection begins and who its client is. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_CONNECTIONS_H
#define WEDGE_SCENARIOS_ANALYSIS_CONNECTIONS_H

#include "proxy/packet/tcp_view.h"
#include "scenarios/analysis/connection.h"

struct connection_entry;

struct connections {
	struct connection_entry **entries; /* in order of first packet */
	size_t n, room;
	struct connection_entry **buckets;
	size_t nbuckets; /* a power of two */
	uint64_t key;	 /* secret of the hash: a capture can't be made to collide */
};

void connections_init(struct connections *t);
void connections_fini(struct connections *t);

/* The connection that the segment belongs to, a new one where none does: unknown addresses and
 * ports, or a SYN (without ACK) that can't be a repetition of the known connection's own: another
 * sequence number, or FIN or RST were seen (the definition of tshark's tcp.stream). *dir is the
 * segment's direction. */
struct connection *connections_find(struct connections *t, const struct tcp_view *v, enum dir *dir);

/* The capture is over at that time: what still waits, waited until then. */
void connections_finish(struct connections *t, int64_t at);

/* The findings as one array, the caller's to free; the table keeps none of them. */
struct wire_connection *connections_take(struct connections *t, size_t *n);

#endif
