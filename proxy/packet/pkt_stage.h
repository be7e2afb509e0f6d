/* pkt_stage.h - one impairment's instance on one connection of the packet plane: the interface that
 * packet impairments implement and the verbs they may use. Knows no NFQUEUE: a packet is bytes, an
 * identity and exactly one verdict. */
#ifndef WEDGE_PACKET_PKT_STAGE_H
#define WEDGE_PACKET_PKT_STAGE_H

#include "proxy/base/dir.h"
#include "proxy/base/env.h"
#include "proxy/base/rng.h"
#include "proxy/packet/tcp_view.h"

#include <stddef.h>

struct pkt_tracker;
struct pkt_stage;

/* What the plane has seen of one direction of travel, before any stage touched it. */
struct pkt_half {
	bool seen;     /* a segment with a sequence number has passed */
	bool syn;      /* its SYN has passed: isn, wscale and mss are known */
	uint32_t isn;  /* initial sequence number when the SYN was seen */
	uint32_t next; /* highest sequence number sent + 1 */
	uint32_t ack;  /* highest acknowledgement number sent */
	bool ack_seen;
	uint16_t window; /* last window field */
	int wscale;	 /* from its SYN; -1 none or not seen */
	uint16_t mss;
	bool fin, rst;
	uint64_t packets, bytes; /* payload bytes, retransmissions included */
};

/* One TCP connection as the packet plane sees it; on a terminated session each leg is one. */
struct pkt_conn {
	struct pkt_tracker *plane;
	const struct env *env;
	uint64_t session;   /* number; the two legs of a session share it */
	bool forwarded;	    /* not terminated by wedge: there is one leg */
	enum leg leg;	    /* meaningless when forwarded */
	struct addr client; /* of this connection on the wire: who opened it */
	struct addr server; /* who accepted it */
	struct pkt_half half[DIR_COUNT];
	struct pkt_stage *first, *last;
	int64_t born, last_seen;
	unsigned vanished; /* stages that let nothing pass any more: a connection that ends unseen
			      is never over, nor is its 4-tuple free again */
	void *hooks_arg;   /* whoever attaches stages may hang something here */
	struct addr orig_dst; /* where the client wanted to go before a rule redirected it; len 0:
			       not seen */
	void *pending; /* who has been asked about the client (pkt_hooks.syn_held), until that is
			  over */
};

enum pkt_action {
	PKT_PASS, /* to the next stage, in the end back to the kernel */
	PKT_DROP, /* never arrives */
	PKT_HELD, /* the stage keeps it and will release or drop it: exactly once */
};

/* One packet on its way through the stages. A stage that returns PKT_HELD owns it. */
struct pkt {
	struct pkt_conn *conn;
	enum dir dir;	     /* of travel */
	int64_t arrived;     /* when the plane got it */
	struct tcp_view tcp; /* of data; re-parsed after pkt_modified */
	uint8_t *data;	     /* the IP packet; a stage may change it, then calls pkt_modified */
	size_t len;
	bool modified;
	bool made; /* not the kernel's: it is sent when it has passed */
	/* Not all of it was handed over (all stages are headers_only, or it is one of loopback's
	 * 64 KiB segments): it goes on whole, but changing it is an error that is counted. */
	bool cut;
	uint32_t id;		  /* the backend's */
	struct pkt *next;	  /* for the list of whoever holds it */
	struct pkt_stage *holder; /* kept by the core: who returned PKT_HELD */
};

/* Every slot is filled; pkt_default_* are the pass-through ones. */
struct pkt_ops {
	size_t state_size;
	/* It reads headers, and changes or copies nothing: packets may come cut after them, so that
	 * many more fit in the kernel's buffer. */
	bool headers_only;
	void (*open)(struct pkt_stage *st);
	enum pkt_action (*packet)(struct pkt_stage *st, struct pkt *p);
	/* What comes while it doesn't act: to know what has passed, or what once was. Holds
	 * nothing. May be NULL: all passes. */
	enum pkt_action (*idle)(struct pkt_stage *st, struct pkt *p);
	void (*timer)(struct pkt_stage *st, int64_t now);
	void (*update)(struct pkt_stage *st); /* st->cfg is the new configuration */
	void (*drain)(struct pkt_stage *st);  /* disabled or removed: release all that is held */
	void (*close)(struct pkt_stage *st);  /* the connection is forgotten, nothing is held */
};

/* On which packets a stage acts. */
struct pkt_gate {
	/* p is about to meet the stage, or to go past it while it doesn't act: may switch it. */
	void (*before)(struct pkt_stage *st, const struct pkt *p);
	/* What went before has its verdict, or is held: may switch it too, and packets that the
	 * stage then sends follow those. */
	void (*after)(struct pkt_stage *st);
};

struct pkt_stage {
	const struct pkt_ops *ops;
	struct pkt_conn *conn;
	struct pkt_stage *next;
	const void *cfg;
	const char *name;
	unsigned index;
	enum dir dir; /* direction of the DATA it concerns (docs/architecture.md) */
	bool active;
	size_t held; /* packets it keeps; counted by the core */
	struct rng rng;
	struct timer timer;
	const struct pkt_gate *gate; /* NULL: only pkt_stage_set_active switches it */
	void *owner;
	void *shared; /* one instance's state across all connections; NULL when it has none */
	_Alignas(max_align_t) unsigned char state[];
};

/* Appends a stage to the connection's chain, inactive; pkt_stage_set_active(true) starts it. Every
 * stage sees the packets of both directions. */
struct pkt_stage *pkt_stage_attach(struct pkt_conn *c, const struct pkt_ops *ops, const void *cfg,
				   enum dir data_dir, const char *name, unsigned index);
/* The same into the chain before another stage; NULL: at its end. */
struct pkt_stage *pkt_stage_attach_before(struct pkt_conn *c, struct pkt_stage *before,
					  const struct pkt_ops *ops, const void *cfg,
					  enum dir data_dir, const char *name, unsigned index);
void pkt_stage_set_active(struct pkt_stage *st, bool active); /* open, or drain */
void pkt_stage_update(struct pkt_stage *st, const void *cfg);
void pkt_stage_detach(
    struct pkt_stage *st); /* drains, unlinks and frees; never from its own callback */

static inline void *pkt_stage_state(struct pkt_stage *st)
{
	return st->state;
}
int64_t pkt_stage_now(const struct pkt_stage *st);
void pkt_stage_arm(struct pkt_stage *st, int64_t due);
void pkt_stage_disarm(struct pkt_stage *st);

/* A held packet goes on to the stages after this one, or is dropped. Each consumes p. */
void pkt_release(struct pkt_stage *st, struct pkt *p);
void pkt_drop(struct pkt_stage *st, struct pkt *p);

/* data or len was changed: the IP length and both checksums are made anew, the view parsed again. A
 * stage that wants a wrong checksum sets p->modified itself instead. */
void pkt_modified(struct pkt *p);

/* Sends a packet that the kernel didn't make (a duplicate, a forged RST); bytes are copied,
 * checksums must be right or wrong as wanted. It passes no stage. */
void pkt_inject(struct pkt_conn *c, const uint8_t *data, size_t len);

/* One journal line {"event":event,"stage":name,"session":n,"leg":...,...}; fmt as in journal.h. */
void pkt_stage_event(struct pkt_stage *st, const char *event, const char *fmt, ...);

void pkt_default_open(struct pkt_stage *st);
enum pkt_action pkt_default_packet(struct pkt_stage *st, struct pkt *p);
void pkt_default_timer(struct pkt_stage *st, int64_t now);
void pkt_default_update(struct pkt_stage *st);
void pkt_default_drain(struct pkt_stage *st);
void pkt_default_close(struct pkt_stage *st);

#endif
