/* pkt_tracker.h - the packet plane: queued packets in, connections found, stages run, one verdict
 * each out. Where the packets come from is a backend's business (nfq.h, or a rig in unit tests). */
#ifndef WEDGE_PACKET_PKT_TRACKER_H
#define WEDGE_PACKET_PKT_TRACKER_H

#include "proxy/netfilter/queue_select.h"
#include "proxy/packet/pkt_stage.h"
#include "proxy/packet/unreachable.h"

/* Counted by the plane and its backend. A run with overflows or errors is invalid: a lab that
 * silently loses packets lies. Always received == accepted + dropped + held_now. */
struct pkt_stats {
	uint64_t received, accepted, dropped, modified, injected; /* packets; verdicts given */
	uint64_t held_now, held_total;
	uint64_t unparsed, foreign; /* accepted untouched: no TCP; no connection of ours */
	uint64_t overflows;   /* ENOBUFS on the netlink socket, queue drops told by the kernel */
	uint64_t errors;      /* verdicts and injections that the kernel refused */
	int first_error;      /* errno of the first of them; 0: not known */
	uint64_t connections; /* seen so far; each leg is one */
};

/* Called for every new connection, before its first packet meets the stages: attach them here.
 * Each may be NULL. */
struct pkt_hooks {
	void (*open)(void *arg, struct pkt_conn *c);
	void (*close)(void *arg, struct pkt_conn *c); /* the connection is being forgotten */
	/* A client's SYN has passed the stages and is kept. false: let it pass; true:
	 * syn_hold_answer follows, perhaps within the call. NULL: all pass. */
	bool (*syn_held)(void *arg, struct pkt_conn *c);
	void (*gave_up)(void *arg, struct pkt_conn *c); /* one with an asker: RST from the client */
	/* ICMP says so. true: it was about a connection that is being tried for an asker, and goes
	 * no further. */
	bool (*unreachable)(void *arg, const struct unreachable *u);
	bool headers_only; /* all stages that open attaches are */
	void *arg;
};

/* The packets of one proxy, and the hooks that their connections call. */
struct pkt_select {
	struct queue_select match;
	struct pkt_hooks hooks;
};

/* Where in the host's path a packet was caught. */
enum pkt_hook { PKT_HOOK_IN, PKT_HOOK_OUT, PKT_HOOK_FORWARD };

/* What the plane needs of whoever brings the packets. Both return 0, or -1 when it was refused. */
struct pkt_backend_ops {
	/* The one verdict on packet id; data is NULL when the packet is unchanged. */
	int (*verdict)(void *arg, uint32_t id, bool accept, const uint8_t *data, size_t len);
	/* Sends an IP packet that passes no queue again. here: to a socket of this host, although
	 * its address may be another's. */
	int (*inject)(void *arg, const uint8_t *data, size_t len, bool here);
};

/* env and the hooks must live on; select is copied. */
struct pkt_tracker *pkt_tracker_new(const struct env *env, const struct pkt_select *select,
				    size_t n, const struct pkt_backend_ops *ops, void *ops_arg);

/* So many session numbers have been given elsewhere: the next one follows. */
void pkt_tracker_numbered(struct pkt_tracker *pl, uint64_t sessions);

/* Selects these from now on; copied. The connections of terminated sessions stay with the hooks
 * that opened them; forwarded ones are forgotten where these aren't among those for them. */
void pkt_tracker_select(struct pkt_tracker *pl, const struct pkt_select *select, size_t n);

/* A session that was there before the plane, by its client leg; nothing when it isn't selected. */
void pkt_tracker_adopt(struct pkt_tracker *pl, const struct addr *client, const struct addr *local,
		       uint64_t number);

/* Releases all held packets, forgets all connections and lets pass whatever still comes. */
void pkt_tracker_let_go(struct pkt_tracker *pl);

/* The same, and frees it. last, unless NULL: what it had counted when
 * all that was over. */
void pkt_tracker_free(struct pkt_tracker *pl, struct pkt_stats *last);

/* One packet from the backend. data is valid during the call only; mark is the
 * socket's (proxy/base/mark.h) and tells the server legs. */
void pkt_tracker_packet(struct pkt_tracker *pl, uint32_t id, enum pkt_hook hook, uint32_t mark,
			const uint8_t *data, size_t len);

/* The number of the session whose client leg this is, which has been accepted: what its SYN was
 * given, or the next one of the sequence when the plane has not seen it. *asker: who was asked
 * about it and isn't any more, or NULL. */
uint64_t pkt_tracker_session_number(struct pkt_tracker *pl, const struct addr *client,
				    const struct addr *local, void **pending);

/* What becomes of a client whose SYN is kept; nothing when there is none any more. Whoever was
 * asked is so only until its connection is accepted, or is told anything but SYN_LET_IN. */
enum syn_answer {
	SYN_LET_IN,  /* the SYN goes on to the listener */
	SYN_REFUSE,  /* RST, as of a closed port */
	SYN_SILENCE, /* the SYN is dropped; sent again, it asks again */
};
void syn_hold_answer(struct pkt_conn *c, enum syn_answer a);

/* The SYN is answered by ICMP of the host from (unreachable.h). */
void syn_hold_answer_unreachable(struct pkt_conn *c, const struct addr *from, uint8_t code);

void pkt_tracker_stats(const struct pkt_tracker *pl, struct pkt_stats *out);

#endif
