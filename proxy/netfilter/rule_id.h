/* rule_id.h - the names of rule sets in the kernel, and whether their owners still live, whatever
 * PID namespace these are in. */
#ifndef WEDGE_NETFILTER_RULE_ID_H
#define WEDGE_NETFILTER_RULE_ID_H

#include "proxy/base/err.h"

#include <stdbool.h>

enum { RULE_ID_BYTES = 16 };

/* Binds the abstract socket "wedge-KIND-ID" of the network namespace, which says that its owner is
 * alive. The socket, or -1 with errno: EADDRINUSE when somebody is. */
int rule_id_bind(const char *kind, const char *id) WG_MUSTUSE;

/* PID, then PIDb, PIDc ... when it is taken: another engine of this process, another PID namespace.
 * The socket that keeps it, or -1. */
int rule_id_take(char id[RULE_ID_BYTES], struct err *e) WG_MUSTUSE;

/* No living wedge has it. */
bool rule_id_dead(void *unused, const char *id);

#endif
