/* net_admin.h - tells whether this process may change the network namespace that it is in. */
#ifndef WEDGE_NETFILTER_NET_ADMIN_H
#define WEDGE_NETFILTER_NET_ADMIN_H

#include <stdbool.h>

/* Returns whether it may. The kernel is asked, not the process's capabilities: these may not count
 * in this network namespace. */
bool net_admin_here(void);

#endif
