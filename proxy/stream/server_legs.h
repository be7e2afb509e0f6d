/* server_legs.h - the server legs of a process, by which a connection that has come back to it is
 * recognised when it is accepted. The engines of a process share one, from threads of their own.
 * Knows of a session its number and the proxies on its way. */
#ifndef WEDGE_STREAM_SERVER_LEGS_H
#define WEDGE_STREAM_SERVER_LEGS_H

#include "proxy/base/addr.h"
#include "proxy/stream/passed.h"

#include <sys/queue.h>

struct session;
struct session_table;
struct server_leg;
struct server_legs;

LIST_HEAD(server_leg_list, server_leg);

struct server_legs *server_legs_new(void);
void server_legs_free(struct server_legs *legs); /* none may be left in it; NULL is fine */

/* A socket of the calling thread is about to connect, and with false: its leg is noted, if there is
 * one. In between nobody is told that a connection is of no leg. */
void server_legs_connecting(struct server_legs *legs, bool now);

/* Notes that fd connects to a server for s, from an address of this host. */
void server_legs_note(struct server_legs *legs, struct session *s, int fd, const struct addr *to);
/* Forgets all of s. */
void server_legs_forget(struct server_legs *legs, struct session *s);

/* Returns whether one of the legs may be from peer: else the next two find none. */
bool server_legs_may_be(struct server_legs *legs, const struct addr *peer);

/* Finds the session that is connecting, or connected, from peer to one of two addresses: where the
 * accepted connection has come to, and where it went before it was redirected. Fills *passed, which
 * the caller frees, with the proxies that its client's connection has been through, and its own as
 * the last. Returns false when it is none of this process. */
bool server_legs_passed(struct server_legs *legs, const struct addr *peer, const struct addr *local,
			const struct addr *original, struct passed *passed);

/* Returns whether it is such a session's, whichever thread's. *own is that session when it is of
 * the given table, which is the caller's thread's, else NULL. */
bool server_legs_find(struct server_legs *legs, const struct session_table *of,
		      const struct addr *peer, const struct addr *local,
		      const struct addr *original, struct session **own);

#endif
