/* session_table.h - all sessions of an engine: which are open, which have a turn to come, which are
 * to be freed, and what they share. Knows by its ops alone what happens to a session. */
#ifndef WEDGE_STREAM_SESSION_TABLE_H
#define WEDGE_STREAM_SESSION_TABLE_H

#include "proxy/base/env.h"
#include "proxy/base/loop.h"
#include "proxy/stream/session_state.h"

struct resolver;

/* What the table has done to a session; every slot is filled. */
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
	bool packets_tell;	    /* what each leg is on the wire: not to be told here */
	void (*emptied)(void *arg); /* at the end of turns that leave no session; may be NULL */
	void *emptied_arg;
	struct session_list open, awake, closed;
	size_t n;			     /* open ones */
	uint64_t accepted, bytes[DIR_COUNT]; /* delivered by sessions that have closed */
	bool writes_wait;		     /* what is delivered is sent in the session's turn */
	bool turn_due;			     /* its work at the end of the turn is deferred */
	bool orphan;			     /* to be freed by that work */
	unsigned char scratch[65536];
};

/* env is copied; what it points to must outlive the table. */
struct session_table *session_table_new(struct loop *loop, const struct env *env,
					const struct session_table_ops *ops,
					struct err *e) WG_MUSTUSE;
/* Resets every session. The memory goes at the end of the loop's turn, or with the loop. */
void session_table_free(struct session_table *t);

/* Asks for a turn, so that emptied is called also when there is no session now. */
void session_table_poke(struct session_table *t);

/* Open sessions whose server hasn't been sent all that their clients have sent, and its end. */
size_t session_table_unsent(const struct session_table *t);

/* Closes the others in the ordinary way, as a host closes the connections of a program that ends:
 * what their servers still send is answered by RST. */
void session_table_hang_up(struct session_table *t);

/* Ends every session without a word to either end (sock_silence). */
void session_table_silence(struct session_table *t);

/* Bytes delivered in that direction, over closed and open sessions. */
uint64_t session_table_bytes(const struct session_table *t, enum dir dir);

void session_enlist(struct session *s); /* it begins */
void session_delist(struct session *s); /* it is closed: freed at the end of the turn */
void session_wake(struct session *s);	/* ops->turn at the end of this turn of the loop */

#endif
