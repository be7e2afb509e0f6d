/* accept.h - the verdict on a client that has just been accepted, before its server is dialled.
 * Knows neither sessions nor who decides. */
#ifndef WEDGE_STREAM_ACCEPT_H
#define WEDGE_STREAM_ACCEPT_H

#include "proxy/base/addr.h"
#include "proxy/base/dir.h"

#include <stddef.h>
#include <stdint.h>

enum accept_action {
	ACCEPT_GO,
	ACCEPT_RESET,  /* send RST to the client; the server is never dialled */
	ACCEPT_CLOSE,  /* read and throw away what has come, then close: FIN, and RST in answer to
			  what comes later; behind a reply what comes is read for a while */
	ACCEPT_SILENT, /* send nothing, for ever: not even a FIN in answer to the client's */
	ACCEPT_CONNECTED, /* dial, and send RST as soon as the server leg stands; no byte moves */
	ACCEPT_REFUSE,	  /* answer the client's SYN by an RST, as a closed port does, where that
			     SYN is held; a client that has been accepted is reset */
};

/* Zeroed: ACCEPT_GO. */
struct accept_verdict {
	enum accept_action action;
	int64_t delay; /* ns until an action on the client begins */
	/* ns for which the client's first bytes are awaited, read and thrown away before the delay
	 * and the action; 0: they aren't. Not with ACCEPT_SILENT. */
	int64_t await_request;
	const void *reply; /* ACCEPT_CLOSE: sent first; read when the call returns */
	size_t reply_len;
	bool read; /* ACCEPT_SILENT: bytes are read and thrown away; else the window fills */
	bool leg[LEG_COUNT]; /* ACCEPT_CONNECTED: the legs that are reset */
	/* ACCEPT_GO: ns of silence after which the client is asked whether it is still there
	 * (SO_KEEPALIVE), whole seconds; 0: never */
	int64_t keepalive;
	char why[96]; /* for the log and the journal */
};

#endif
