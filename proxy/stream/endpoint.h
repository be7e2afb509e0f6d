/* endpoint.h - one socket of a session: readiness, reading into a flow, writing what a flow has
 * delivered, ending with FIN or RST. Decides nothing about the session. */
#ifndef WEDGE_STREAM_ENDPOINT_H
#define WEDGE_STREAM_ENDPOINT_H

#include "proxy/base/edge_set.h"
#include "proxy/stream/ack_debts.h"
#include "proxy/stream/flow/flow.h"
#include "proxy/stream/flow/transport.h"

/* What the endpoints of an engine share; outlives them. */
struct endpoint_ground {
	struct edge_set *edges;
	struct ack_debts debts;
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
	struct evbuffer *out;	/* delivered by its flow, not yet taken by the kernel */
	uint64_t got, sent;	/* bytes read and written */
	bool readable,
	    writable;	      /* the kernel hasn't said since the last edge that there is nothing */
	bool fresh;	      /* bytes or an end were there when the kernel last told */
	bool end_near;	      /* an end has come, maybe behind bytes */
	bool urgent_near;     /* a byte of urgent data has come, maybe behind bytes */
	struct transport *io; /* plain below, or a transport that wraps what is sent and read */
	struct transport plain;
	bool acks_later; /* the kernel acknowledges late what comes; else at once */
	bool ready;	 /* io's setup is done: bytes may move */
	bool in_done;	 /* the peer's FIN or RST has been handed to from */
	bool fin_sent;
	bool abrupt; /* the FIN goes without what io would send before it */
	bool gone;   /* its socket is closed */
	bool killed; /* reset by a stage, not by its peer */
	int error;   /* errno with which the connection died; 0: it lives */
	/* Changes what has been read, all of it, before the flow has it; at_end: with what it has
	 * kept, for nothing follows. buf may be empty afterwards. NULL: nothing is changed. */
	void (*edit)(struct endpoint *ep, struct evbuffer *buf, bool at_end);
	enum flow_end ending; /* the end to be sent once out is empty */
	uint64_t acked;	      /* bytes of sent, when last looked at while an RST waits */
	int64_t acked_at;     /* when that number last grew */
};

void endpoint_init(struct endpoint *ep, struct session *s, enum leg leg, struct endpoint *peer,
		   struct flow *from, struct flow *to);

/* Takes the connected socket, whose edges cb(ep, edges) reports from now on. */
void endpoint_open(struct endpoint *ep, struct endpoint_ground *ground, int fd,
		   void (*cb)(void *ep, unsigned edges));

/* Lets all bytes go through io, once its setup is done. To be called while none is under way; io
 * must outlive the endpoint. */
void endpoint_wrap(struct endpoint *ep, struct transport *io);

/* Makes one more step of io's setup; ep->ready when it is done. */
enum leg_setup endpoint_setup(struct endpoint *ep);

/* Notes edges, of enum edge. */
void endpoint_note(struct endpoint *ep, unsigned edges);

/* Reads at most budget bytes into the flow while it has room, by way of scratch. Returns whether
 * more could be read at once. */
bool endpoint_read(struct endpoint *ep, void *scratch, size_t scratch_len, size_t budget);

/* endpoint_take takes all of buf; endpoint_write sends what the kernel takes of it, and the FIN
 * when nothing is left. */
void endpoint_take(struct endpoint *ep, struct evbuffer *buf);
void endpoint_write(struct endpoint *ep);

/* True when a stage has what comes before ep's end, or that end. */
bool endpoint_held_back(const struct endpoint *ep);

/* True when a waiting RST may go: the peer has acknowledged the bytes before it; or it has
 * acknowledged none for patience (ns), and no stage holds them. */
bool endpoint_rst_ripe(struct endpoint *ep, int64_t now, int64_t patience);

/* Closes the socket in the ordinary way or with RST. Where an alert has told the peer of the end,
 * it is closed in the ordinary way. */
void endpoint_close(struct endpoint *ep, bool reset);

void endpoint_fini(struct endpoint *ep);

#endif
