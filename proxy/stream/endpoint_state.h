/* endpoint_state.h - one socket of a session as data: its readiness, what it has still to send, how
 * far its end has come. The files of an endpoint share it. */
#ifndef WEDGE_STREAM_ENDPOINT_STATE_H
#define WEDGE_STREAM_ENDPOINT_STATE_H

#include "proxy/base/edge_set.h"
#include "proxy/stream/ack_debts.h"
#include "proxy/stream/flow/flow.h"
#include "proxy/stream/flow/splice_choice.h"
#include "proxy/stream/flow/transport.h"
#include "proxy/stream/pipe_pool.h"

/* What the endpoints of an engine share; outlives them. */
struct endpoint_ground {
	struct edge_set *edges;
	struct ack_debts debts;
	struct pipe_pool pipes;
};

struct endpoint {
	struct session *session;
	struct endpoint *peer;
	enum leg leg;
	int fd; /* -1 before endpoint_open, and when gone */
	struct endpoint_ground *ground;
	struct edge_watch watch;
	struct ack_debt debt;
	struct flow *from, *to; /* the flow that the endpoint feeds, the flow that ends in it */
	struct pipe *pipe;	/* delivered past its flow, before what is in out; NULL: nothing */
	struct evbuffer
	    *out;	    /* delivered by its flow, not yet taken by the kernel; NULL: nothing */
	uint64_t got, sent; /* bytes read and written */
	struct transport *io; /* plain below, or a transport that wraps what is sent and read */
	struct transport plain;
	int error;		     /* errno with which the connection died; 0: it lives */
	enum flow_end ending;	     /* the end to be sent once out is empty */
	struct splice_choice choice; /* how what is read from it goes to its peer */
	bool readable,
	    writable;	  /* the kernel hasn't said since the last edge that there is nothing */
	bool fresh;	  /* bytes or an end were there when the kernel last told */
	bool end_near;	  /* an end has come, maybe behind bytes */
	bool urgent_near; /* a byte of urgent data has come, maybe behind bytes */
	bool may_pass;	  /* what is read from it may go past its flow (endpoint_pass.h) */
	bool acks_later;  /* the kernel acknowledges late what comes; else at once */
	bool ready;	  /* io's setup is done: bytes may move */
	bool in_done;	  /* the peer's FIN or RST has been handed to from */
	bool fin_sent;
	bool abrupt; /* the FIN goes without what io would send before it */
	bool gone;   /* its socket is closed */
	bool killed; /* reset by a stage, not by its peer */
	/* Changes what has been read, all of it, before the flow has it; at_end: with what it has
	 * kept, for nothing follows. buf may be empty afterwards. NULL: nothing is changed. */
	void (*edit)(struct endpoint *ep, struct evbuffer *buf, bool at_end);
};

#endif
