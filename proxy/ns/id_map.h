/* id_map.h - the ids that exist in a user namespace of wedge's own: as many of this host's as the
 * caller may hand on, each as itself. */
#ifndef WEDGE_NS_ID_MAP_H
#define WEDGE_NS_ID_MAP_H

#include "proxy/base/err.h"

#include <sys/types.h>

/* A process that stays in the caller's user namespace, since only there a map of more than one id
 * can be written. */
struct id_map {
	pid_t writer;
	int go;
	uid_t uid;
	gid_t gid;
};

/* Starts the writer; to be called before unshare(CLONE_NEWUSER). */
int id_map_begin(struct id_map *m, struct err *e) WG_MUSTUSE;

/* Maps the ids of the caller, now in its new user namespace, and ends the writer. With CAP_SETUID
 * and CAP_SETGID outside that is every id; else the caller's own uid and gid, and of uid 0, gid 0
 * and the caller's further groups those that /etc/subuid and /etc/subgid give him, by newuidmap(1)
 * and newgidmap(1). */
int id_map_end(struct id_map *m, struct err *e) WG_MUSTUSE;

#endif
