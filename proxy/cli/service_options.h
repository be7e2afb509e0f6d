/* api_options.h - the options by which a command opens a control plane. */
#ifndef WEDGE_CLI_API_OPTIONS_H
#define WEDGE_CLI_API_OPTIONS_H

#include "proxy/base/options.h"
#include "proxy/service/control.h"

/* Reads "8474", which is this host's own (127.0.0.1), "192.0.2.1:8474" or ":8474" into c, which
 * then listens. */
int api_options_listen(struct control_config *c, const char *text, struct err *e) WG_MUSTUSE;

/* Where clients without the token are refused, or may be: refuses a token without an API. */
int api_options_check(const struct control_config *c, struct err *e) WG_MUSTUSE;

#endif
