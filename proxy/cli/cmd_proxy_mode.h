/* cmd_proxy_mode.h - which options of "wedge proxy" say what its one proxy is, and which of them
 * may stand together. Knows no values. */
#ifndef WEDGE_CLI_CMD_PROXY_MODE_H
#define WEDGE_CLI_CMD_PROXY_MODE_H

#include "proxy/engine/engine.h"

/* What getopt_long returns for them. */
enum {
	OPT_OWN = 256,
	OPT_LISTEN = OPT_OWN,
	OPT_UPSTREAM,
	OPT_TRANSPARENT,
	OPT_IN,
	OPT_REDIRECT,
	OPT_USER,
	OPT_PORT,
	OPT_TO,
	OPT_OWN_ADDRESS,
	OPT_EARLY_ACCEPT,
	OPT_MAP_UPSTREAM,
	OPT_PRINT_RULES,
	OPT_FORWARD,
	OPT_SERVER,
	OPT_IMPAIR,
	OPT_OWN_END
};

/* A set of them: bit opt - OPT_OWN. */
typedef uint32_t own_set;

static inline own_set own_bit(int opt)
{
	return 1u << (opt - OPT_OWN);
}

/* "--listen". */
const char *own_option_name(int opt);

enum proxy_mode own_mode(own_set given);

/* -1: an option that isn't of the mode, two modes, or one that lacks. */
int own_options_check(own_set given, struct err *e) WG_MUSTUSE;

#endif
