/* cmd_proxy_protocol.h - the options --proxy-protocol-in and --proxy-protocol-out of "wedge proxy".
 */
#ifndef WEDGE_CLI_CMD_PROXY_PROTOCOL_H
#define WEDGE_CLI_CMD_PROXY_PROTOCOL_H

#include "proxy/config/config_protocol.h"

#include <getopt.h>

enum { PROTOCOL_OPTION = 768, PROTOCOL_OPTIONS = 2 };

/* Their help. */
extern const char protocol_options_help[];

/* For getopt_long, and their names with the dashes. */
extern const struct option protocol_options[PROTOCOL_OPTIONS];
extern const char *const protocol_option_names[PROTOCOL_OPTIONS];

/* opt: what getopt_long returned. */
int protocol_option_set(struct config_protocol *c, int opt, const char *value,
			struct err *e) WG_MUSTUSE;

/* Refuses what a proxy of this mode can't do. */
int protocol_options_check(const struct config_protocol *c, enum proxy_mode mode,
			   struct err *e) WG_MUSTUSE;

#endif
