/* pkt_tracker.h - the core of the packet plane: packets in, connections found, stages run, one
 * verdict each out. Where the packets come from is a backend's business (nfq.h, or a rig in unit
 * tests). */
#ifndef WEDGE_PACKET_PKT_TRACKER_H
#define WEDGE_PACKET_PKT_TRACKER_H

#include "proxy/packet/pkt_select.h"
#include "proxy/packet/pkt_stage.h"

/* Counted by the tracker and its backend. A run with overflows or errors is invalid: a lab that
 * silently loses packets lies. Always received == accepted + dropped + held_now. */
struct pkt_stats {
	uint64_t received, accepted, dropped, modified, injected; /* packets */
	uint64_t held_now, held_total;
	uint64_t unparsed, foreign; /* accepted untouched: no TCP; no connection of a proxy */
	uint64_t overflows;   /* ENOBUFS on the netlink socket, drops that the kernel has counted */
	uint64_t errors;      /* verdicts and injections that the kernel refused */
	int first_error;      /* errno of the first of them; 0: not known */
	uint64_t connections; /* seen so far; each leg is one */
};

/* The backend brings the packets to the tracker, and takes its verdicts. Both functions return 0,
 * or -1 when the kernel refuses. */
struct pkt_backend_ops {
	/* Gives packet id its one verdict; data is NULL when the packet is unchanged. */
	int (*verdict)(void *arg, uint32_t id, bool accept, const uint8_t *data, size_t len);
	/* Sends an IP packet that passes no queue again. here: to a socket of this host, although
	 * its address may be another's. */
	int (*inject)(void *arg, const uint8_t *data, size_t len, bool here);
};

struct pkt_tracker;

/* env and the hooks' args must outlive the tracker; select is copied. */
struct pkt_tracker *pkt_tracker_new(const struct env *env, const struct pkt_select *select,
				    size_t n, const struct pkt_backend_ops *ops, void *ops_arg);

/* From now on the next session's number follows *numbers, which others may count in too, and which
 * must outlive the tracker; before, it has a counter of its own. */
void pkt_tracker_count_in(struct pkt_tracker *t, _Atomic uint64_t *numbers);

/* Replaces the selections; they are copied. The connections of terminated sessions stay with the
 * hooks that opened them. Forwarded connections are forgotten that no selection matches now, or one
 * with another hooks.arg. */
void pkt_tracker_select(struct pkt_tracker *t, const struct pkt_select *select, size_t n);

/* Makes known a session that is older than the tracker, by the addresses of its client leg; does
 * nothing when no selection matches it. */
void pkt_tracker_adopt(struct pkt_tracker *t, const struct addr *client, const struct addr *local,
		       uint64_t number);

/* Journals the forwarded connections that it knows again. */
void pkt_tracker_tell(const struct pkt_tracker *t);

/* Releases all held packets and forgets all connections; from now on every packet passes. */
void pkt_tracker_let_go(struct pkt_tracker *t);

/* Lets go, and frees the tracker. *last, unless NULL, gets its counters after that. */
void pkt_tracker_free(struct pkt_tracker *t, struct pkt_stats *last);

/* Takes one packet from the backend. data is valid during the call only; mark is that of the
 * packet's socket (proxy/base/mark.h), which tells server legs. waited: ns since this host's kernel
 * has got it, 0 where that isn't known. */
void pkt_tracker_packet(struct pkt_tracker *t, uint32_t id, enum pkt_hook hook, uint32_t mark,
			int64_t waited, const uint8_t *data, size_t len);

/* Returns the number of the session whose client leg has these addresses and has just been
 * accepted: what its SYN was given, or the next one of the sequence when the tracker has not seen
 * it. *pending gets the connection's pkt_conn.pending, which ends with this. */
uint64_t pkt_tracker_session_number(struct pkt_tracker *t, const struct addr *client,
				    const struct addr *local, void **pending);

/* Copies the counters, without the backend's. */
void pkt_tracker_stats(const struct pkt_tracker *t, struct pkt_stats *out);

#endif
