/* relay_look.h - finds out, from what this host tells of its processes, whether a connection that
 * has come in was opened by another program for a session of this process: a proxy whose upstream
 * is a program that leads back to it. To look takes tens of milliseconds where many processes run,
 * so it can be done by a thread. */
#ifndef WEDGE_ENGINE_RELAY_LOOK_H
#define WEDGE_ENGINE_RELAY_LOOK_H

#include "proxy/base/addr.h"
#include "proxy/stream/session_table.h"

#include <sys/types.h>

#define RELAY_NAME 16 /* TASK_COMM_LEN */

struct relay {
	pid_t pid;
	char name[RELAY_NAME];
	bool many; /* it has several sessions: one process serves all */
};

struct relay_look;

/* About the program that connected from peer to local, which it knows as original. hint: the
 * process that it is as long as that one is there; 0: any. */
struct relay_look *relay_look_new(const struct addr *peer, const struct addr *local,
				  const struct addr *original, pid_t hint);
void relay_look_free(struct relay_look *l); /* whether or not a thread still looks; NULL is fine */

/* Looks; or lets a thread look, -1 when there is none to be had. */
void relay_look_run(struct relay_look *l);
int relay_look_start(struct relay_look *l) WG_MUSTUSE;
bool relay_look_done(const struct relay_look *l);

/* Returns, when it is done, the newest session of that table that the program has been reached by;
 * *relay is that program. NULL: there is none; it isn't of this host or of another user; or it has
 * other connections, so that nobody can tell what it connected for. A program with several such
 * sessions must be one that connects for others only (wedge, socat, haproxy ...), one with a single
 * session and a single connection may be any. */
struct session *relay_look_judge(const struct relay_look *l, const struct session_table *of,
				 struct relay *relay);

#endif
