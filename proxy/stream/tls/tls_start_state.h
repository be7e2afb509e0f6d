/* tls_start_state.h - what is known of a session's clear text before TLS: who has said what, up to
 * where it has been read, and whether TLS begins. The readers of the protocols share it. */
#ifndef WEDGE_STREAM_TLS_TLS_START_STATE_H
#define WEDGE_STREAM_TLS_TLS_START_STATE_H

#include "proxy/base/dir.h"
#include "proxy/stream/tls/tls_config.h"
#include "proxy/stream/tls/tls_start_edit.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tls_start_state {
	TLS_START_CLEAR,  /* clear text passes, and an upgrade may come */
	TLS_START_ASKED,  /* the client has asked: what it says next waits for the answer */
	TLS_START_AGREED, /* TLS begins with the next byte of either end */
	TLS_START_NEVER,  /* clear text to the end */
};

/* One end's line, tag or packet that is being read. */
struct tls_start_unit {
	char head[128]; /* its first bytes; of a line without its end */
	size_t n;	/* bytes so far, those that have no room in head too */
	char tail[24];	/* its last bytes */
	uint64_t left;	/* bytes that belong to no line, or are left of the packet */
	bool body;	/* in lines that are no replies or requests: a message, a list, what is
			 * behind a literal */
	char quote;	/* xmpp: the attribute's quote that is open */
};

struct tls_start {
	/* The caller's, where wedge has one end's part in the upgrade; NULL: everything passes as
	 * it is. */
	struct tls_start_edit *edit;
	enum tls_start_kind kind; /* AUTO until somebody has spoken */
	bool known;		  /* kind was found by TLS_START_AUTO, or given */
	bool spoken[LEG_COUNT];	  /* that end has said something */
	enum tls_start_state state;
	struct tls_start_unit unit[LEG_COUNT];
	/* Requests and replies by their number; what a server says first is reply 1, to nobody. */
	uint64_t sent, replied, ask, data;
	uint64_t lists;	    /* pop3: which of the last 64 requests have a list as their reply */
	uint64_t announces; /* the same, of those whose list announces the upgrade (edit) */
	bool announcing, announced; /* such a list is open; it has named the upgrade */
	bool feat;		    /* the last list that was asked for is FTP's */
	char code[4];		    /* the reply that is open; "": none */
	char wanted[4];		    /* the code that agrees */
	char tag[32];		    /* imap's, of the last request; ldap's message number */
	uint64_t literal; /* imap: bytes that the client sends only if the server agrees; 0: none */
	bool gss;	  /* postgres: GSSENCRequest was asked, not SSLRequest */
	unsigned refusals; /* upgrades that the server has refused */
};

/* What the client says is a message if the server agrees to it, and requests if not. */
static inline bool tls_start_body_waits(const struct tls_start *s, enum leg from)
{
	return from == LEG_CLIENT && s->data > s->replied;
}

/* Clear text to the end: what n bytes hold goes on, too. */
static inline void tls_start_give_up(struct tls_start *s, enum leg from, const unsigned char *p,
				     size_t n)
{
	s->state = TLS_START_NEVER;
	tls_start_hold(s->edit, from, p, n);
	tls_start_release(s->edit, LEG_CLIENT);
	tls_start_release(s->edit, LEG_SERVER);
}

/* The server's answer to the upgrade has come. */
static inline void tls_start_answer(struct tls_start *s, bool agreed)
{
	s->ask = 0;
	s->refusals += !agreed;
	s->state = agreed ? TLS_START_AGREED : TLS_START_CLEAR;
}

#endif
