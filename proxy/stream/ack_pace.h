/* ack_pace.h - the sender of a flow's bytes feels when their receiver acknowledges them, although
 * wedge ends the one connection and begins the other: a server that waits for an ACK before it
 * sends on (Nagle's algorithm, RFC 896) waits for its client's.
 *
 * wedge's own ACK to the source waits until the sink has acknowledged all that was sent on. The
 * kernel gives it 40 ms at the most, so it goes ahead after a head start, and the source isn't read
 * until the sink has acknowledged and that ACK would have had its answer. What comes before that
 * ACK wasn't waiting for one, and goes on at once. Knows no sockets. */
#ifndef WEDGE_STREAM_ACK_PACE_H
#define WEDGE_STREAM_ACK_PACE_H

#include "proxy/base/timerq.h"
#include "proxy/stream/flow/flow.h"

struct ack_pace_ops {
	/* Bytes that the sink has still to acknowledge, those not sent yet included. */
	size_t (*unacked)(void *arg);
	void (*ack)(void *arg); /* acknowledges to the source what was read from it */
	/* The round trip to the source, ns; 0: not known. */
	int64_t (*round_trip)(void *arg);
};

enum ack_pace_state {
	ACK_PACE_OFF,
	ACK_PACE_IDLE,	  /* the source has the ACK of all that was read */
	ACK_PACE_WAITS,	  /* it waits for that ACK */
	ACK_PACE_AHEAD,	  /* it has the ACK, and the sink's is still to come: it isn't read */
	ACK_PACE_TRAVELS, /* the sink's ACK has come, and would be on its way to the source */
};

struct ack_pace {
	enum ack_pace_state state;
	struct flow *flow;
	const struct ack_pace_ops *ops;
	void *arg;
	struct timer timer;
};

/* Begins; a pace that is all zero is off, and every other function then does nothing. */
void ack_pace_start(struct ack_pace *p, struct flow *flow, const struct ack_pace_ops *ops,
		    void *arg);

/* Bytes of the source have been read, and what the flow lets through has been given to the sink. */
void ack_pace_read(struct ack_pace *p);

/* The sink may have acknowledged, or is gone: ops->unacked tells. */
void ack_pace_look(struct ack_pace *p);

/* Takes timer and pause back. */
void ack_pace_stop(struct ack_pace *p);

#endif
