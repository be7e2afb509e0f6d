/* connections.h - the connections of a capture, found by address and port, in order of their first
 * packet. Decides when a new connection begins and who its client is. */
#ifndef WEDGE_SCENARIOS_ANALYSIS_CONNECTIONS_H
#define WEDGE_SCENARIOS_ANALYSIS_CONNECTIONS_H

#include "proxy/packet/tcp_view.h"
#include "scenarios/analysis/connection.h"

#include <sys/queue.h>

struct connection_entry;
TAILQ_HEAD(connection_list, connection_entry);

struct connections {
	struct connection_list list; /* in order of first packet */
	size_t n;		     /* in the list */
	uint32_t begun;		     /* all that ever were */
	bool keeps_lists;	     /* of the connections: see struct connection */
	struct connection_entry **buckets;
	size_t nbuckets; /* a power of two */
	uint64_t key;	 /* secret of the hash: a capture can't be made to collide */
};

void connections_init(struct connections *t, bool keeps_lists);
void connections_fini(struct connections *t);

/* Finds the connection that the segment belongs to, or adds one: for unknown addresses and ports,
 * and for a SYN (without ACK) that can't repeat the known connection's own, since its sequence
 * number is another or FIN or RST were seen (the definition of tshark's tcp.stream). The older
 * connection is over then, at that time. *dir becomes the segment's direction. */
struct connection *connections_find(struct connections *t, const struct tcp_view *v, int64_t at,
				    enum dir *dir);

/* Ends every wait at that time, the end of the capture. */
void connections_finish(struct connections *t, int64_t at);

/* Removes the connections that nothing more is expected of at that time of the capture (all: every
 * one), in order of first packet, after a call of ended (NULL: none) for each, which looks at it
 * for the last time. Returns how many. */
typedef void connection_ended_fn(void *arg, struct connection *c);
size_t connections_remove_ended(struct connections *t, int64_t now, bool all,
				connection_ended_fn *ended, void *arg);

/* Moves the findings out as one array of *n, the caller's to free (wire_connection_fini each). */
struct wire_connection *connections_take(struct connections *t, size_t *n);

#endif
