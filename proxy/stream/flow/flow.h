/* flow.h - one direction of a session: order, byte accounting, back-pressure, a chain of stages
 * that ends in a sink. Knows no sockets: what it does to the world goes through its host. */
#ifndef WEDGE_STREAM_FLOW_FLOW_H
#define WEDGE_STREAM_FLOW_FLOW_H

#include "proxy/base/dir.h"
#include "proxy/base/env.h"
#include "proxy/base/rng.h"
#include "proxy/stream/flow/flow_end.h"
#include "proxy/stream/flow/flow_time.h"
#include "proxy/stream/flow/hold_pool.h"

#include <stdbool.h>
#include <stdint.h>

struct evbuffer;
struct flow;
struct message_marks;
struct stage;

/* Why the source isn't read. Reading goes on when no reason is left. */
enum pause_reason {
	PAUSE_BACKPRESSURE = 1 << 0, /* held + undelivered bytes have reached the bound */
	PAUSE_STAGE = 1 << 1,	     /* at least one stage asks for it (counted) */
	PAUSE_CONNECT = 1 << 2,	     /* the other leg isn't connected yet */
	PAUSE_ACK = 1 << 3,	     /* the sink has yet to acknowledge (ack_pace.h) */
	PAUSE_WORK = 1 << 4,	     /* bytes that were read wait for the next turn */
};

#define FLOW_HOLD_LIMIT (256u << 10) /* bytes held or undelivered before the source isn't read */
/* Bytes that could be sent if the destination read them, before the source isn't read: what is due
 * waits at its sender, however much the stages may hold. */
#define FLOW_SEND_LIMIT FLOW_HOLD_LIMIT

/* The functions through which a flow reaches its owner: the session with its sockets, or a rig in a
 * unit test. */
struct flow_host_ops {
	/* Takes all bytes of buf for the destination. */
	void (*deliver)(struct flow *f, struct evbuffer *buf);
	/* Sends what was delivered since the last flush: it belongs together, in as few writes as
	 * may be. NULL: the host sends when it likes. */
	void (*flush)(struct flow *f);
	/* Calls flow_work soon, after others have had their turn. NULL: nothing waits, and a call
	 * into the flow lasts as long as its work. */
	void (*work)(struct flow *f);
	/* Sends FIN or RST to the destination once all delivered bytes have left: the flow is over.
	 */
	void (*deliver_end)(struct flow *f, enum flow_end end);
	/* Reads the source again, or stops: the pause mask has changed. */
	void (*interest)(struct flow *f);
	/* Sends RST to a leg: at once (bytes not yet sent are lost), or when after_delivery once
	 * the destination has acknowledged the bytes delivered so far. */
	void (*reset)(struct flow *f, enum leg leg, bool after_delivery, const char *why);
	/* Sends FIN to the source of this flow: flow_cut of the other flow. */
	void (*finish_back)(struct flow *f);
	/* Lets the end come without the goodbye of a protocol below. NULL: there is no such
	 * protocol. */
	void (*end_abruptly)(struct flow *f);
	/* Adds a TLS record with a fatal alert to out, as the encrypting end would make it behind
	 * the first place bytes of this flow. NULL: the flow is in clear text. */
	void (*alert)(struct flow *f, uint64_t place, unsigned char description,
		      struct evbuffer *out);
};

struct flow {
	const struct flow_host_ops *host;
	void *host_arg;
	const struct env *env;
	enum dir dir;
	bool unflushed; /* delivered since the last flush */
	bool empty;	/* nothing was inside when the outermost call began */
	uint64_t session;
	struct stage *first, *last;
	unsigned pause;		 /* of enum pause_reason */
	unsigned stage_pauses;	 /* number of stages that ask for PAUSE_STAGE */
	size_t room;		 /* what its stages need together */
	size_t hold_limit;	 /* FLOW_HOLD_LIMIT, or what its stages need together */
	struct hold_share share; /* of env->holds */
	size_t held;		 /* bytes inside stages: in + added == out + eaten + held, always */
	size_t undelivered;	 /* bytes given to the host that it hasn't told flow_sent of */
	uint64_t in_bytes, out_bytes, eaten_bytes, added_bytes;
	struct flow_time time;
	size_t late;			   /* bytes that reached the sink after flow_cut */
	enum flow_end end_in, end_out;	   /* the end from the source, the end to the sink */
	unsigned depth;			   /* calls into the flow that are on the stack */
	unsigned cuts;			   /* pieces made since the outermost call began */
	int64_t cuts_began;		   /* when the first of them was made */
	const struct message_marks *marks; /* NULL: only the bytes tell where messages end */
};

/* Embedded in the session; env and host must outlive the flow. flow_fini closes the stages and
 * journals the bytes that they still held. */
void flow_init(struct flow *f, const struct env *env, enum dir dir, uint64_t session,
	       const struct flow_host_ops *host, void *host_arg);
void flow_fini(struct flow *f);

void flow_push(struct flow *f, struct evbuffer *buf); /* takes all bytes of buf from the source */
void flow_finish(struct flow *f, enum flow_end end);  /* takes the source's FIN or RST */
void flow_sent(struct flow *f, size_t n);	      /* counts n delivered bytes that have left */
void flow_pause(struct flow *f, enum pause_reason why);
void flow_resume(struct flow *f, enum pause_reason why);

/* Goes on with bytes that wait inside for their turn: a call into the flow makes a bounded number
 * of cuts, however many messages have come at once. */
void flow_work(struct flow *f);

/* Ends the flow at its sink with FIN, behind the delivered bytes; bytes that are still inside or
 * come later are eaten. */
void flow_cut(struct flow *f);

/* Whether a stage that ends_together (stage.h) holds this flow's FIN. */
bool flow_waits_in_vain(const struct flow *f);

bool flow_readable(const struct flow *f); /* true when no reason to pause is left */
/* Returns the bytes that may be read now. 0 also of a readable flow when others have taken what was
 * left: flow_yield then has it wait. */
size_t flow_room(const struct flow *f);

/* Bytes that are inside: held by stages, or not yet taken by the destination. */
static inline size_t flow_load(const struct flow *f)
{
	return f->held + f->undelivered;
}
void flow_yield(struct flow *f); /* stops a flow that has no room */

/* Stand around every call that lets stages act. The outermost flow_leave checks the accounts, of
 * the flow and of each stage, and then sets the back-pressure. For flow.c and stage.c only. */
void flow_enter(struct flow *f);
void flow_leave(struct flow *f);
bool flow_may_work(struct flow *f); /* returns whether one more cut is within the turn's work */
void flow_wait(struct flow *f); /* bytes wait: the source isn't read, and the host calls again */
void flow_flush(struct flow *f);

#endif
