/* config_copy.h - copies of configurations, for whoever changes one as data before it is applied.
 */
#ifndef WEDGE_CONFIG_CONFIG_COPY_H
#define WEDGE_CONFIG_CONFIG_COPY_H

#include "proxy/config/config.h"

/* Makes *to a copy of everything but the proxies; config_fini releases it. */
void config_copy_top(struct config *to, const struct config *from);

/* Appends an independent copy of a proxy, which stays where it is until the next is added. */
struct config_proxy *config_add_copy(struct config *c, const struct config_proxy *from);

/* Keeps the explicit proxy of that name, which is at work, as it is (config.kept). */
void config_keep(struct config *c, const char *name);

#endif
