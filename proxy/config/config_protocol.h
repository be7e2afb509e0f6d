/* config_protocol.h - what a proxy is to do with the PROXY protocol, as data: one table for the
 * command line, the file and the help. Opens no socket. */
#ifndef WEDGE_CONFIG_CONFIG_PROTOCOL_H
#define WEDGE_CONFIG_CONFIG_PROTOCOL_H

#include "proxy/base/param.h"
#include "proxy/base/yaml.h"
#include "proxy/engine/engine.h"

struct config_protocol {
	bool in; /* clients' connections begin with a header */
	int out; /* enum proxy_protocol_version: servers are sent one */
};

/* In a file under "proxy_protocol"; on the command line "proxy-protocol-KEY". */
extern const struct param config_protocol_params[];

/* Refuses what a proxy of this mode can't do; *key is the one that it can't. */
int config_protocol_check(const struct config_protocol *c, enum proxy_mode mode, const char **key,
			  struct err *e) WG_MUSTUSE;

/* Reads the mapping and checks it; the error has its place. */
int proxy_protocol_read(struct yaml *y, struct yaml_node *node, enum proxy_mode mode,
			struct config_protocol *c, struct err *e) WG_MUSTUSE;

#endif
