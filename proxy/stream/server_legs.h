/* server_legs.h - finds the session whose server leg is the other end of a connection that has been
 * accepted: a connection that has come back to this process. */
#ifndef WEDGE_STREAM_SERVER_LEGS_H
#define WEDGE_STREAM_SERVER_LEGS_H

#include "proxy/base/addr.h"

#include <sys/queue.h>

struct session;

/* One attempt at a session's server. */
struct server_leg {
	struct session *session;
	struct addr local, to;
	LIST_ENTRY(server_leg) bucket, of_session;
};

LIST_HEAD(server_leg_list, server_leg);

#define SERVER_LEG_BUCKETS 1024

/* Embedded, zeroed. By local port. */
struct server_legs {
	struct server_leg_list bucket[SERVER_LEG_BUCKETS];
};

/* Notes that fd connects to a server for s, from an address of this host. */
void server_legs_note(struct server_legs *legs, struct session *s, int fd, const struct addr *to);
/* Forgets all of s. */
void server_legs_forget(struct session *s);

/* Returns whether one of this process's legs may be from peer: else server_legs_find finds none. */
bool server_legs_may_be(const struct server_legs *legs, const struct addr *peer);

/* Returns the session that is connecting, or connected, from peer to one of two addresses: where
 * the accepted connection has come to, and where it went before it was redirected. NULL: none of
 * this process. */
struct session *server_legs_find(const struct server_legs *legs, const struct addr *peer,
				 const struct addr *local, const struct addr *original);

/* The proxies that a client's connection has been through before it came to s are those of its
 * parent, the session whose server leg it is, and that one's own. Returns whether the proxy of that
 * name is one of them. */
bool session_has_passed(const struct session *parent, const char *proxy);
void session_set_parent(struct session *s, const struct session *parent);

#endif
