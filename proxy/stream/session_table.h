/* session_table.h - all sessions of an engine: which are open, which have a turn to come, which are
 * to be freed, and what they share. Knows by its ops alone what happens to a session. */
#ifndef WEDGE_STREAM_SESSION_TABLE_H
#define WEDGE_STREAM_SESSION_TABLE_H

#include "proxy/base/env.h"
#include "proxy/base/loop.h"
#include "proxy/stream/session_commons.h"
#include "proxy/stream/session_state.h"

struct resolver;

/* The calls by which the table moves a session on, closes and frees it; every slot is filled. */
struct session_table_ops {
	void (*turn)(struct session *s); /* moves what can be moved; no callback is on the stack */
	void (*close)(struct session *s, enum close_why why, const char *fmt, ...) WG_PRINTF(3, 4);
	void (*free)(struct session *s); /* of a closed one; no callback is on the stack */
};

struct session_table {
	const struct session_table_ops *ops;
	struct loop *loop;
	struct env env;
	struct resolver *resolver;
	bool marked;		    /* give server legs their mark (mark.h) */
	bool packets_tell;	    /* the packet plane journals the connections (session_wire.h) */
	void (*emptied)(void *arg); /* called by turns that leave no session; may be NULL */
	void *emptied_arg;
	struct session_list open, awake, closed;
	struct session_commons *commons;
	struct endpoint_ground ground;
	struct timer trim;  /* memory that a rush has left goes back to the kernel */
	bool closed_lately; /* a session has closed since the timer was armed */
	size_t n;	    /* sessions in open */
	uint64_t accepted, bytes[DIR_COUNT]; /* bytes delivered by sessions that have closed */
	bool writes_wait;		     /* delivered bytes are sent in the session's turn */
	unsigned tls_told;		     /* sessions of which was told what TLS waits for */
	bool turn_due;			     /* a turn of the table is deferred */
	bool orphan;			     /* that turn frees the table */
	unsigned char scratch[65536];
};

/* env is copied; what it points to, and commons, must outlive the table. */
struct session_table *session_table_new(struct loop *loop, const struct env *env,
					struct session_commons *commons,
					const struct session_table_ops *ops,
					struct err *e) WG_MUSTUSE;
/* Resets every session. The memory is freed at the end of the loop's turn, or when
 * the loop is freed. NULL is fine. */
void session_table_free(struct session_table *t);

/* Asks for a turn, so that emptied is called also when there is no session now. */
void session_table_poke(struct session_table *t);

/* Returns the number of open sessions whose server hasn't been sent everything, and the FIN. */
size_t session_table_unsent(const struct session_table *t);

/* Closes all but those in the ordinary way, as a host closes the connections of a program that
 * ends: what their servers still send is answered by RST. */
void session_table_hang_up(struct session_table *t);

/* Ends every session without a packet to either end (sock_silence). */
void session_table_silence(struct session_table *t);

/* Returns the bytes delivered in that direction by all sessions, closed and open. */
uint64_t session_table_bytes(const struct session_table *t, enum dir dir);

/* Adds a session that begins. */
void session_enlist(struct session *s);
/* Removes a closed session, which is freed at the end of the loop's turn. */
void session_delist(struct session *s);
/* Gives the session a turn at the end of the loop's turn. */
void session_wake(struct session *s);

#endif
