/* pkt_stage.h - one impairment's instance on one connection of the packet plane: the interface that
 * packet impairments implement and the verbs that they may use. Knows no impairment by name and no
 * NFQUEUE: a packet is bytes, an identity and exactly one verdict. */
#ifndef WEDGE_PACKET_PKT_STAGE_H
#define WEDGE_PACKET_PKT_STAGE_H

#include "proxy/base/rng.h"
#include "proxy/packet/pkt.h"
#include "proxy/packet/pkt_copy.h"
#include "proxy/packet/pkt_marks.h"

enum pkt_action {
	PKT_PASS, /* to the next stage, in the end back to the kernel */
	PKT_DROP, /* never arrives */
	PKT_HELD, /* the stage holds it and will release or drop it: exactly once */
};

/* The acts of an impairment. Every slot but idle is filled; pkt_default_* are the pass-through
 * ones. */
struct pkt_ops {
	size_t state_size; /* bytes; zeroed, allocated with the stage */
	/* The stage reads headers, and changes or copies nothing itself: packets may come cut, so
	 * that many more fit in the kernel's buffer. */
	bool headers_only;
	/* Returns in which direction the host's packets travel in whose name the stage acts. What
	 * it holds, drops or adds of these looks as if that host had held, not sent or sent it
	 * (pkt_marks.h). NULL: it acts as the network, whose doings are seen for what they are. */
	enum dir (*speaks_in)(const struct pkt_stage *st);
	/* The stage begins to act. */
	void (*open)(struct pkt_stage *st);
	/* A packet has come to the stage. */
	enum pkt_action (*packet)(struct pkt_stage *st, struct pkt *p);
	/* A packet has come while the stage doesn't act: for stages that must know what has passed,
	 * or once was. It holds nothing. NULL: every packet passes. */
	enum pkt_action (*idle)(struct pkt_stage *st, struct pkt *p);
	/* The time armed with pkt_stage_arm has come; now in ns. */
	void (*timer)(struct pkt_stage *st, int64_t now);
	/* st->cfg is the new configuration. */
	void (*update)(struct pkt_stage *st);
	/* The stage ceases to act: it releases all that it holds. */
	void (*drain)(struct pkt_stage *st);
	/* What has come to it keeps its fate when the window closes: the stage goes on with that,
	 * and is given what comes later, which only keeps its order behind (st->outside). The core
	 * drains it when what was inside has left. false: drained at once. */
	bool lingers;
	/* Returns whether what came inside the window will still be answered by a packet on which
	 * the stage acts; it lingers for that too. NULL: never. */
	bool (*awaits)(const struct pkt_stage *st);
	/* A SYN begins another connection on the 4-tuple, and this one is about to be closed. NULL:
	 * that is all the same to it. */
	void (*replaced)(struct pkt_stage *st);
	/* The connection is forgotten; the stage holds nothing any more. */
	void (*close)(struct pkt_stage *st);
};

/* On which packets a stage acts. */
struct pkt_gate {
	/* p is about to meet the stage, or to go past it while it doesn't act: the gate may switch
	 * the stage. */
	void (*before)(struct pkt_stage *st, const struct pkt *p);
	/* The packet has its verdict, or is held: the gate may switch the stage too, and packets
	 * that the stage then sends follow that one. */
	void (*after)(struct pkt_stage *st);
	void (*acted)(struct pkt_stage *st); /* once, when the stage first acts; NULL: no matter */
};

struct pkt_stage {
	const struct pkt_ops *ops;
	struct pkt_conn *conn;
	struct pkt_stage *next; /* NULL: the chain's end */
	const void *cfg;	/* by reference: a live change swaps it */
	const char *name;	/* for the journal: "loss", "loss#2" */
	unsigned index;		/* place in the configuration: the rng's stage number */
	enum dir dir;		/* direction of the DATA it concerns (docs/architecture.md) */
	bool active;		/* else packets go past it, or to ops->idle */
	bool outside;		/* active, though its window has closed (lingers) */
	size_t behind;		/* outside: held packets that came since */
	bool acted;		/* it has changed something of this connection */
	size_t held;		/* packets; counted by the core */
	struct pkt_marks marks;
	struct rng rng;
	struct timer timer;
	const struct pkt_gate *gate; /* NULL: only pkt_stage_set_active switches it */
	void *owner;		     /* whoever attached it */
	void *shared; /* one instance's state across all connections; NULL when it has none */
	_Alignas(max_align_t) unsigned char state[];
};

/* Returns how much of a packet a stage with these acts must see: one that acts in a host's name
 * changes headers, and a packet can be changed only where it is whole. */
enum pkt_copy pkt_ops_copy(const struct pkt_ops *ops);

/* For pkt_ops.speaks_in: the host that receives the data of the stage's direction; the one that
 * sends it; the server. */
enum dir pkt_as_receiver(const struct pkt_stage *st);
enum dir pkt_as_sender(const struct pkt_stage *st);
enum dir pkt_as_server(const struct pkt_stage *st);

/* Returns whether p is sent by the host in whose name the stage acts. */
bool pkt_stage_speaks(const struct pkt_stage *st, const struct pkt *p);

/* Returns the marks of a packet that travels in dir and belongs to no socket of its sender: an RST
 * that wedge makes. */
struct ip_marks pkt_conn_marks_socketless(const struct pkt_conn *c, enum dir dir);

/* Returns those of an RST of a host that knows nothing of the connection. */
struct ip_marks pkt_conn_marks_stray(const struct pkt_conn *c, enum dir dir);

/* Returns those of a packet without payload that a live socket sends; the ID is 0. */
struct ip_marks pkt_conn_marks(const struct pkt_conn *c, enum dir dir);

/* Appends a stage to the connection's chain, inactive; pkt_stage_set_active(true) starts it. Every
 * stage sees the packets of both directions. cfg and name must outlive it. */
struct pkt_stage *pkt_stage_attach(struct pkt_conn *c, const struct pkt_ops *ops, const void *cfg,
				   enum dir data_dir, const char *name, unsigned index);

/* Puts a stage into the chain before another one; NULL: at its end. */
struct pkt_stage *pkt_stage_attach_before(struct pkt_conn *c, struct pkt_stage *before,
					  const struct pkt_ops *ops, const void *cfg,
					  enum dir data_dir, const char *name, unsigned index);

/* Opens the stage, or drains it. */
void pkt_stage_set_active(struct pkt_stage *st, bool active);

/* The stage's window closes: drains it, or lets it end what it holds (pkt_ops.lingers). */
void pkt_stage_close_window(struct pkt_stage *st);

/* Gives the stage a new configuration, which must outlive it. */
void pkt_stage_update(struct pkt_stage *st, const void *cfg);

/* Drains, unlinks and frees the stage; never from its own callback. */
void pkt_stage_detach(struct pkt_stage *st);

/* For the connection's owner: sends p through the stages from st on (NULL: the chain's end) to the
 * host, or to the stage that holds it. Consumes p. */
void pkt_chain_run(struct pkt_stage *st, struct pkt *p);

/* Tells every stage that a SYN begins another connection on the 4-tuple (pkt_ops.replaced). */
void pkt_chain_replaced(const struct pkt_conn *c);

/* For the connection's owner: detaches every stage. */
void pkt_chain_free(struct pkt_conn *c);

/* The verbs of a stage. Times are ns of its connection's clock; there is one timer a stage. */
static inline void *pkt_stage_state(struct pkt_stage *st)
{
	return st->state;
}
int64_t pkt_stage_now(const struct pkt_stage *st);
void pkt_stage_arm(struct pkt_stage *st, int64_t due);
void pkt_stage_disarm(struct pkt_stage *st);

/* Sends a held packet on to the stages after this one. Consumes p. */
void pkt_release(struct pkt_stage *st, struct pkt *p);

/* Drops a held packet. Consumes p. */
void pkt_drop(struct pkt_stage *st, struct pkt *p);

/* Sends a packet that the kernel didn't make (a duplicate, a forged RST) past the stages. The bytes
 * are copied; their checksums go as they are. */
void pkt_inject(struct pkt_conn *c, const uint8_t *data, size_t len);

/* Tells that the stage has changed what an end sees of its connection. The core sees by itself
 * which packets are held, dropped or modified. */
void pkt_stage_acted(struct pkt_stage *st);

/* Writes one journal line {"event":event,"stage":name,"session":n,"leg":...,...} about what the
 * stage has done; fmt as in journal.h. pkt_stage_note: about anything else. */
void pkt_stage_event(struct pkt_stage *st, const char *event, const char *fmt, ...);
void pkt_stage_note(struct pkt_stage *st, const char *event, const char *fmt, ...);

/* The pass-through slots. */
void pkt_default_open(struct pkt_stage *st);
enum pkt_action pkt_default_packet(struct pkt_stage *st, struct pkt *p);
void pkt_default_timer(struct pkt_stage *st, int64_t now);
void pkt_default_update(struct pkt_stage *st);
void pkt_default_drain(struct pkt_stage *st);
void pkt_default_close(struct pkt_stage *st);

#endif
