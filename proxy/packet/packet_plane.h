/* packet_plane.h - the packet plane as one thing to switch on: queue, rules, guard and connections,
 * on the caller's loop. What the engine uses; knows neither sessions nor impairments. */
#ifndef WEDGE_PACKET_PACKET_PLANE_H
#define WEDGE_PACKET_PACKET_PLANE_H

#include "proxy/base/loop.h"
#include "proxy/packet/pkt_tracker.h"

struct packet_plane;

struct packet_plane_config {
	const struct pkt_select *select; /* one per proxy; the listeners' ports must be known: bind
					    before this, listen after it */
	size_t nselect;
	uint64_t sessions;	/* numbers that have been given: the next ones follow */
	const struct env *env;	/* must live on; its timers are the loop's */
	unsigned queue_packets; /* how many packets may wait in the kernel; 0: 262144 */
};

/* Binds a queue, then sends the selected packets through it. On failure NULL, one line in *e that
 * names what is missing, and nothing left behind. Needs CAP_NET_ADMIN and CAP_NET_RAW in the
 * network namespace. */
struct packet_plane *packet_plane_new(struct loop *loop, const struct packet_plane_config *config,
				      struct err *e) WG_MUSTUSE;

/* Selects these instead (pkt_tracker_select). -1: part of the rules may have changed; selecting
 * what was before takes that back. */
int packet_plane_select(struct packet_plane *pp, const struct pkt_select *select, size_t nselect,
			struct err *e) WG_MUSTUSE;

/* A session that was there before the plane, by its client leg, if it is selected. */
void packet_plane_adopt(struct packet_plane *pp, const struct addr *client,
			const struct addr *local, uint64_t number);

/* Releases every held packet, takes the rules away, closes the queue. What is in the queue by then
 * has passed the stages: the RSTs of sessions that have just been reset. last, unless NULL: what
 * had been counted when all that was over, for packets pass until the rules are gone. NULL is fine.
 */
void packet_plane_free(struct packet_plane *pp, struct pkt_stats *last);

/* At accept: the number that the session's client leg got at its first SYN (getpeername and
 * getsockname of the accepted socket), and who was asked about it (pkt_tracker_session_number).
 * Mark the session's server leg with it before connect. */
uint64_t packet_plane_number(struct packet_plane *pp, const struct addr *client,
			     const struct addr *local, void **pending);

void packet_plane_stats(const struct packet_plane *pp, struct pkt_stats *out);

/* "nftables queue", "iptables NFQUEUE (nf_tables)" or "iptables NFQUEUE (legacy)". */
const char *packet_plane_backend(const struct packet_plane *pp);

#endif
