/* cmd_proxy_mode.h - the mode that the options of "wedge proxy" choose, and which of them belong to
 * it. Knows no values. */
#ifndef WEDGE_CLI_CMD_PROXY_MODE_H
#define WEDGE_CLI_CMD_PROXY_MODE_H

#include "proxy/base/options.h"
#include "proxy/engine/engine.h"

/* For option_row.modes: a bit for each enum proxy_mode. */
enum {
	MODE_EXPLICIT = 1 << PROXY_EXPLICIT,
	MODE_FORWARD = 1 << PROXY_FORWARD,
	MODE_TRANSPARENT = 1 << PROXY_TRANSPARENT,
	MODE_REDIRECT = 1 << PROXY_REDIRECT,
	MODE_EVERY = MODE_EXPLICIT | MODE_FORWARD | MODE_TRANSPARENT | MODE_REDIRECT
};

enum proxy_mode proxy_mode_given(const struct options_given *given);

/* Refuses two modes, an option of rows that isn't for the mode, and the lack of one that the mode
 * can't do without. */
int proxy_mode_check(const struct option_row *rows, const struct options_given *given,
		     struct err *e) WG_MUSTUSE;

#endif
