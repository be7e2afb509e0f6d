/* config_tls.h - what the file says of a proxy's TLS. */
#ifndef WEDGE_CONFIG_CONFIG_TLS_H
#define WEDGE_CONFIG_CONFIG_TLS_H

#include "proxy/base/yaml.h"
#include "proxy/config/config.h"

/* "tls: intercept", or a mapping with the mode and more, into p->tls; its own mode is
 * known. The files that it names are tried; errors have their place in the file. */
int config_tls_read(struct yaml *y, struct yaml_node *node, struct config_proxy *p,
		    struct err *e) WG_MUSTUSE;

#endif
