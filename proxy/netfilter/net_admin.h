/* net_admin.h - whether this process may change the network that it is in. */
#ifndef WEDGE_NETFILTER_NET_ADMIN_H
#define WEDGE_NETFILTER_NET_ADMIN_H

#include <stdbool.h>

/* Tried, not asked for: a capability may be there and not count in this network namespace. */
bool net_admin_here(void);

#endif
