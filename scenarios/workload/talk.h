/* talk.h - one TCP connection of a workload that talks freely in both directions: what has come and
 * is not yet read, what is written and not yet sent. Knows no protocol. */
#ifndef WEDGE_SCENARIOS_WORKLOAD_TALK_H
#define WEDGE_SCENARIOS_WORKLOAD_TALK_H

#include "proxy/base/addr.h"
#include "proxy/base/err.h"
#include "scenarios/workload/secure.h"

#include <stdbool.h>

#define TALK_IN_MAX (64u << 10) /* bytes that have come and whose message isn't whole */

enum talk_event {
	TALK_NOTHING,
	TALK_CONNECTED,
	TALK_SECURED, /* TLS has begun (talk_secure) */
	TALK_DATA,    /* there is more to read */
	TALK_EOF,     /* the other end has ended its side */
	TALK_ERROR,   /* with errno: the connection is no use any more */
};

/* talk_init makes it one that isn't connected. */
struct talk {
	int fd; /* -1: there is none */
	bool connecting, securing;
	bool ended;	       /* the other end has ended its side: nothing is read any more */
	bool hold;	       /* set by the protocol: nothing is read for now */
	struct secure *secure; /* NULL: bytes as they are */
	char *in;	       /* nin bytes, and a NUL behind them */
	size_t nin;
	char *out; /* nout bytes of which sent are gone */
	size_t nout, sent;
	size_t out_max;		      /* nothing is read while more waits to be sent; 0: no limit */
	uint64_t bytes_in, bytes_out; /* of all its connections */
};

void talk_init(struct talk *t);

/* Begins a connection; from, unless NULL, is where it comes from. -1 with *e, and errno. */
int talk_connect(struct talk *t, const struct addr *to, const struct addr *from,
		 struct err *e) WG_MUSTUSE;

/* Takes over an accepted socket. */
void talk_accept(struct talk *t, int fd);

/* Begins TLS: what is written from now on goes inside, once it is there (TALK_SECURED). What came
 * before must be read, and what was written sent. */
void talk_secure(struct talk *t, struct secure_context *c);

/* Returns the events that its descriptor is to be polled for. */
short talk_events(const struct talk *t);

/* Does what poll has found: at most one read, all that can be sent. */
enum talk_event talk_turn(struct talk *t);

/* Sends the bytes, all at once if there is a connection and the kernel takes them; what is left is
 * sent by talk_turn. An error shows there, too. */
void talk_write(struct talk *t, const void *data, size_t len);

/* Drops the first n bytes of in: they have been read. */
void talk_take(struct talk *t, size_t n);

/* Closes the connection, if there is one, TLS first, and forgets what came and what wasn't sent. */
void talk_close(struct talk *t);

#endif
