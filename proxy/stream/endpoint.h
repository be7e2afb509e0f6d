/* endpoint.h - one socket of a session: readiness, reading into a flow, writing what a flow has
 * delivered, ending with FIN or RST. Decides nothing about the session. */
#ifndef WEDGE_STREAM_ENDPOINT_H
#define WEDGE_STREAM_ENDPOINT_H

#include "proxy/stream/endpoint_state.h"

void endpoint_init(struct endpoint *ep, struct session *s, enum leg leg, struct endpoint *peer,
		   struct flow *from, struct flow *to);

/* Takes the connected socket, whose edges cb(ep, edges) reports from now on. -1 with errno, as
 * edge_set_add has it: nothing will be heard of the socket, which is the endpoint's all the same.
 */
int endpoint_open(struct endpoint *ep, struct endpoint_ground *ground, int fd,
		  void (*cb)(void *ep, unsigned edges)) WG_MUSTUSE;

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

void endpoint_take(struct endpoint *ep, struct evbuffer *buf); /* takes all of buf, to be sent */

/* True when a stage has what comes before ep's end, or that end. */
bool endpoint_held_back(const struct endpoint *ep);

/* How far a leg whose RST waits has come. */
struct rst_progress {
	uint64_t acked;	  /* bytes of what was sent, when last looked at */
	int64_t acked_at; /* when that number last grew */
};

/* True when a waiting RST may go: the peer has acknowledged the bytes before it; or it has
 * acknowledged none for patience (ns), and no stage holds them. */
bool endpoint_rst_ripe(const struct endpoint *ep, struct rst_progress *p, int64_t now,
		       int64_t patience);

/* Closes the socket in the ordinary way or with RST. Where an alert has told the peer of the end,
 * it is closed in the ordinary way. */
void endpoint_close(struct endpoint *ep, bool reset);

void endpoint_fini(struct endpoint *ep);

#endif
