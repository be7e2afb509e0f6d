/* packet_plane.h - the packet plane as one thing to switch on: queue, rules, guard and connections,
 * on the caller's loop. Knows neither sessions nor impairments. */
#ifndef WEDGE_PACKET_PACKET_PLANE_H
#define WEDGE_PACKET_PACKET_PLANE_H

#include "proxy/base/loop.h"
#include "proxy/packet/pkt_tracker.h"

struct packet_plane;

struct packet_plane_config {
	const struct pkt_select *select; /* one a proxy; copied. Listeners are bound by now, so that
					    their ports are known, and listen later */
	size_t nselect;
	_Atomic uint64_t *numbers; /* the last session's (pkt_tracker_count_in) */
	const struct env *env;	   /* must outlive the plane; its timers are the loop's */
	unsigned queue_packets;	   /* how many packets may wait in the kernel; 0: 262144 */
};

/* Binds a queue, then sends the selected packets through it. Needs CAP_NET_ADMIN and CAP_NET_RAW in
 * the network namespace. NULL on failure, with one line in *e that names what is missing: nothing
 * is left behind. */
struct packet_plane *packet_plane_new(struct loop *loop, const struct packet_plane_config *config,
				      struct err *e) WG_MUSTUSE;

/* Replaces the selections (pkt_tracker_select). -1: part of the rules may have changed; selecting
 * the former ones takes that back. */
int packet_plane_select(struct packet_plane *pp, const struct pkt_select *select, size_t nselect,
			struct err *e) WG_MUSTUSE;

/* Makes known a session that is older than the plane (pkt_tracker_adopt). */
void packet_plane_adopt(struct packet_plane *pp, const struct addr *client,
			const struct addr *local, uint64_t number);

/* Journals the forwarded connections that it knows again. */
void packet_plane_tell(const struct packet_plane *pp);

/* Releases every held packet. Packets that are in the queue already still pass the stages: the RSTs
 * of sessions that have just been reset. The rules stay, so what comes later waits. */
void packet_plane_let_go(struct packet_plane *pp);

/* Does the same, removes the rules, closes the queue. *last, unless
 * NULL, gets the counters after all that, since packets pass until the rules are gone. NULL is
 * fine. */
void packet_plane_free(struct packet_plane *pp, struct pkt_stats *last);

/* At accept: returns the number that the session's client leg got at its first SYN, by getpeername
 * and getsockname of the accepted socket; *pending as of pkt_tracker_session_number. The caller
 * marks the session's server leg with the number before connect (mark_server_leg). */
uint64_t packet_plane_number(struct packet_plane *pp, const struct addr *client,
			     const struct addr *local, void **pending);

/* Copies the counters of tracker and queue. */
void packet_plane_stats(const struct packet_plane *pp, struct pkt_stats *out);

/* Returns queue_rules_backend. */
const char *packet_plane_backend(const struct packet_plane *pp);

#endif
