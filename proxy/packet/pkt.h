/* pkt.h - a packet and the connection that it belongs to, as the chain of stages and its host share
 * them. */
#ifndef WEDGE_PACKET_PKT_H
#define WEDGE_PACKET_PKT_H

#include "proxy/base/dir.h"
#include "proxy/base/env.h"
#include "proxy/packet/pkt_half.h"
#include "proxy/packet/pkt_sender.h"

#include <stddef.h>

struct pkt;
struct pkt_conn;
struct pkt_stage;

/* The functions through which stages reach their connection's owner, the tracker. The twin of
 * flow_host_ops. */
struct pkt_host_ops {
	/* p has passed every stage: the host gives it its verdict, or holds it. */
	void (*passed_all)(struct pkt *p);
	/* Gives p its one verdict, and frees p. */
	void (*verdict)(struct pkt *p, bool accept);
	/* Somebody has begun (1) or ceased (-1) to hold a packet of c. */
	void (*held)(struct pkt_conn *c, int change);
	/* Sends an IP packet that passes no stage. here: to wedge's own socket, although its
	 * address may be another host's. data is copied. */
	void (*inject)(struct pkt_conn *c, const uint8_t *data, size_t len, bool here);
	/* Puts a segment into the chain that wedge has made for one end; it is sent when it has
	 * passed. data is copied. */
	void (*make)(struct pkt_conn *c, enum dir dir, const uint8_t *data, size_t len);
	/* Counts what should have been done and couldn't be: the run is invalid. */
	void (*error)(struct pkt_conn *c);
};

/* One TCP connection as the packet plane sees it; of a terminated session each leg is one. */
struct pkt_conn {
	const struct pkt_host_ops *host;
	void *host_arg;
	const struct env *env;
	uint64_t session;   /* number; the two legs of a session share it */
	bool forwarded;	    /* not terminated by wedge: there is one leg */
	enum leg leg;	    /* meaningless when forwarded */
	struct addr client; /* of this connection on the wire: who opened it */
	struct addr server; /* who accepted it */
	struct pkt_half half[DIR_COUNT];
	struct pkt_sender sender[DIR_COUNT]; /* by direction of travel */
	struct ip_marks unknown; /* what a host is taken for as long as nothing of it was seen */
	struct pkt_stage *first, *last;
	int64_t born, last_seen; /* ns, of env's clock */
	unsigned vanished; /* stages that let nothing pass any more: a connection that ends unseen
			      is never over, nor is its 4-tuple free again */
	void *hooks_arg;   /* whoever attaches stages may hang something here */
	struct addr upstream;	/* of a client leg: where its session will go, as its proxy knows at
				   the SYN; len 0: not known, or a name */
	uint16_t upstream_port; /* 0: not known */
	struct addr orig_dst;	/* the client's destination before a rule redirected it; len 0: not
				   known */
	void *pending; /* the engine's, while the connection is pending: its client's SYN was held
			  (pkt_hooks.syn_held), and it hasn't been accepted yet; else NULL */
};

/* One packet on its way through the stages. A stage that returns PKT_HELD owns it. */
struct pkt {
	struct pkt_conn *conn;
	enum dir dir;	     /* of travel */
	int64_t arrived;     /* ns, when this host got it */
	int64_t came;	     /* ns, to the stage that has it: arrived, or when another let it go */
	int64_t late;	     /* ns for which stages that act as the network have held it */
	int64_t held_at;     /* ns, when holder took it */
	struct tcp_view tcp; /* of data; parsed again by pkt_modified */
	uint8_t *data;	     /* the IP packet; a stage may change it, then calls pkt_modified */
	size_t len;
	bool modified;
	bool made; /* wedge's own, not the kernel's: it is sent when it has passed */
	/* The kernel has handed over only the packet's beginning, since all stages do with it
	 * (pkt_ops_copy) or since the packet is one of loopback's 64 KiB segments: it goes on
	 * whole, but changing it is an error that is counted. */
	bool cut;
	bool id_counted;	  /* its IP ID is one of a row that must have no hole */
	bool id_taken;		  /* and has been taken out of it (pkt_marks.h) */
	uint32_t id;		  /* the backend's */
	struct pkt *next;	  /* for the list of whoever holds it */
	struct pkt_stage *holder; /* set by the core: who has returned PKT_HELD */
};

/* Changes len bytes, from the byte at on, which is one of p->tcp's; mends the checksum that covers
 * them, so that one that came wrong stays wrong, and parses the packet again. Not of a packet that
 * was cut. */
void pkt_patch(struct pkt *p, const uint8_t *at, const void *to, size_t len);

/* To be called when data or len was changed in another way: makes the IP length and both checksums
 * anew, and parses the packet again. A stage that wants a wrong checksum sets p->modified itself
 * instead. */
void pkt_modified(struct pkt *p);

#endif
