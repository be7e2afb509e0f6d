/* rule_id.h - the names of rule sets in the kernel, each kept by a socket of its owner: so anybody
 * can tell whether the owner still lives, also from another PID namespace. */
#ifndef WEDGE_NETFILTER_RULE_ID_H
#define WEDGE_NETFILTER_RULE_ID_H

#include "proxy/base/err.h"

#include <stdbool.h>

enum { RULE_ID_BYTES = 16 };

/* Binds the abstract socket "wedge-KIND-ID" of the network namespace: as long as it is open, the
 * name's owner is alive. Returns the socket, or -1 with errno: EADDRINUSE when the name is taken.
 */
int rule_id_bind(const char *kind, const char *id) WG_MUSTUSE;

/* Takes the name PID, or PIDb, PIDc ... when another engine of this process, or a process of
 * another PID namespace, has it. Returns the socket that keeps the name, or -1. */
int rule_id_take(char id[RULE_ID_BYTES], struct err *e) WG_MUSTUSE;

/* Returns whether no living wedge has that name. */
bool rule_id_dead(void *unused, const char *id);

#endif
