/* config_loop.h - finds a proxy whose upstream leads back to where it listens, as far as that can
 * be known before anything runs: by addresses and by this host's own names for them. */
#ifndef WEDGE_CONFIG_CONFIG_LOOP_H
#define WEDGE_CONFIG_CONFIG_LOOP_H

#include "proxy/config/config.h"

/* Returns 0, or -1 and in *at the number of a proxy whose connections would come back to it, by way
 * of other proxies of c or at once. Asks no name server. */
int config_loop_check(const struct config *c, size_t *at, struct err *e) WG_MUSTUSE;

#endif
