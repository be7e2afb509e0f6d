/* transport.h - how an endpoint's bytes go over its socket: as they are, or inside TLS. Knows
 * neither flows nor sessions. */
#ifndef WEDGE_STREAM_FLOW_TRANSPORT_H
#define WEDGE_STREAM_FLOW_TRANSPORT_H

#include "proxy/base/attrs.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct evbuffer;
struct transport;

enum leg_setup { LEG_SETUP_DONE, LEG_SETUP_WAIT, LEG_SETUP_FAILED };

struct transport_ops {
	bool clear; /* the stream's bytes are on the socket as they are: urgent ones can be, too */
	/* Goes on with what comes before the first byte, as far as the socket allows. To be called
	 * after each edge until it is done. */
	enum leg_setup (*setup)(struct transport *t);
	/* Reads as recv() does: 0 is the peer's end. EAGAIN: to be called again when the socket is
	 * readable, or writable when read_waits. EPROTO: the reason is in why. */
	ssize_t (*read)(struct transport *t, void *p, size_t n);
	/* Sends from the front of out, which the caller drains by the number returned. */
	ssize_t (*write)(struct transport *t, struct evbuffer *out);
	/* Sends what comes before the FIN. false: to be called again when the socket is writable.
	 */
	bool (*finish)(struct transport *t);
};

enum { TRANSPORT_FIRST = 24 };

struct transport {
	const struct transport_ops *ops;
	int fd;		 /* the endpoint's */
	bool read_waits; /* the last read must wait until the socket is writable */
	bool eof;	 /* the peer's FIN has been read */
	bool urgent;	 /* what is written may hold bytes of urgent data (urgent.h) */
	bool truncated;	 /* that FIN came without the goodbye that the protocol asks for */
	bool alerted;	 /* the peer has been told the reason for the end: FIN is enough */
	struct transport_words *words; /* NULL: nothing can be said of it but an errno */
};

/* For whoever tells why a leg has failed. */
struct transport_words {
	unsigned char first[TRANSPORT_FIRST]; /* what TLS has read first */
	size_t nfirst;
	char why[128]; /* the reason of LEG_SETUP_FAILED or EPROTO */
};

/* Returns that reason; "": there is none. */
static inline const char *transport_why(const struct transport *t)
{
	return t->words ? t->words->why : "";
}

/* Bytes go over the socket as they are. */
extern const struct transport_ops transport_plain;

#endif
