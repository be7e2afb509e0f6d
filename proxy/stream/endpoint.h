/* endpoint.h - one socket of a session: readiness, reading into a flow, writing what a flow has
 * delivered, ending with FIN or RST. Decides nothing about the session. */
#ifndef WEDGE_STREAM_ENDPOINT_H
#define WEDGE_STREAM_ENDPOINT_H

#include "proxy/stream/flow/flow.h"
#include "proxy/stream/flow/transport.h"

#include <event2/event.h>
#include <event2/event_struct.h>

struct endpoint {
	struct session *session;
	struct endpoint *peer;
	enum leg leg;
	int fd; /* -1 before endpoint_open, and when gone */
	/* Added once with EV_ET and never changed: a pause costs no system call, and FIN and RST
	 * are told exactly once, also when nothing is read. */
	struct event event;
	struct flow *from, *to;	 /* the flow that it feeds, the flow that ends in it */
	struct evbuffer *out;	 /* delivered by its flow, not yet taken by the kernel */
	uint64_t got, sent;	 /* bytes read and written */
	bool readable, writable; /* the kernel hasn't said EAGAIN since the last edge */
	struct transport *io;	 /* plain below, or one that wraps what is sent and read */
	struct transport plain;
	bool ready;   /* io has greeted: bytes may move */
	bool in_done; /* its FIN or RST has been handed to its flow */
	bool fin_sent;
	bool abrupt;	      /* the FIN goes without what io would say before it */
	bool gone;	      /* its socket is closed */
	bool killed;	      /* reset by a stage, not by its peer */
	int error;	      /* errno with which the connection died under us; 0: none */
	enum flow_end ending; /* to be sent once out is empty */
	uint64_t acked;	      /* of sent, when last looked at while an RST waits */
	int64_t acked_at;     /* when that number last grew */
};

void endpoint_init(struct endpoint *ep, struct session *s, enum leg leg, struct endpoint *peer,
		   struct flow *from, struct flow *to);

/* Takes the connected socket; from now on cb(fd, what, ep) reports its edges. */
void endpoint_open(struct endpoint *ep, struct event_base *base, int fd, event_callback_fn cb);

/* Before a byte has moved: they go through io instead, once it has greeted. It lives on until
 * endpoint_fini. */
void endpoint_wrap(struct endpoint *ep, struct transport *io);

/* One more step of the greeting; ready when it is done. */
enum leg_setup endpoint_setup(struct endpoint *ep);

/* What an edge says. */
void endpoint_note(struct endpoint *ep, short what);

/* Reads at most budget bytes while the flow has room, using scratch. Returns whether more could be
 * read at once. */
bool endpoint_read(struct endpoint *ep, void *scratch, size_t scratch_len, size_t budget);

/* Takes all of buf, to be sent; endpoint_write sends what the kernel takes, and the FIN when
 * nothing is left. */
void endpoint_take(struct endpoint *ep, struct evbuffer *buf);
void endpoint_write(struct endpoint *ep);

/* Whether an RST that waits may go: the bytes before it have been acknowledged; or none were for
 * patience, and it isn't a stage that has them. */
bool endpoint_rst_ripe(struct endpoint *ep, int64_t now, int64_t patience);

/* Closes the socket, in the ordinary way or with RST; the latter not where its peer has been told
 * by an alert. */
void endpoint_close(struct endpoint *ep, bool reset);

void endpoint_fini(struct endpoint *ep);

#endif
