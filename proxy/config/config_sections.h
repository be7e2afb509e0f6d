/* config_sections.h - the keys of a proxy that have keys below them: map_upstream, tls and
 * proxy_protocol. Errors have their place in the file. */
#ifndef WEDGE_CONFIG_CONFIG_SECTIONS_H
#define WEDGE_CONFIG_CONFIG_SECTIONS_H

#include "proxy/base/yaml.h"
#include "proxy/config/config.h"

/* Adds the rules of a mapping {FROM: TO}, of a list of such mappings or of "FROM=TO". */
int config_read_map(struct upstream_map *m, struct yaml *y, struct yaml_node *node,
		    struct err *e) WG_MUSTUSE;

/* Reads "tls: intercept", or a mapping with the mode and more, into p->tls; p->mode is known. Opens
 * the files that it names. */
int config_read_tls(struct yaml *y, struct yaml_node *node, struct config_proxy *p,
		    struct err *e) WG_MUSTUSE;

/* Reads the mapping and checks it for a proxy of that mode. */
int config_read_protocol(struct yaml *y, struct yaml_node *node, enum proxy_mode mode,
			 struct config_protocol *c, struct err *e) WG_MUSTUSE;

#endif
