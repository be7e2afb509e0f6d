/* service_options.h - the options of a service that several commands have. */
#ifndef WEDGE_CLI_SERVICE_OPTIONS_H
#define WEDGE_CLI_SERVICE_OPTIONS_H

#include "proxy/base/options.h"
#include "proxy/service/control.h"

option_setter service_option_hold_limit; /* uint64_t: bytes */
/* struct control_config: "8474", which is this host's own (127.0.0.1), "192.0.2.1:8474" or ":8474",
 * on which it then listens. */
option_setter service_option_api;

/* Reads that place. */
int service_options_listen(struct control_config *c, const char *text, struct err *e) WG_MUSTUSE;

/* Where clients without the token are refused, or may be: refuses a token without an API. */
int service_options_check(const struct control_config *c, struct err *e) WG_MUSTUSE;

#endif
