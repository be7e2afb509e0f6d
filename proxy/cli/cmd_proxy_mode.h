/* cmd_proxy_mode.h - the mode that the options of "wedge proxy" choose, and which of them belong to
 * it. Knows no values. */
#ifndef WEDGE_CLI_CMD_PROXY_MODE_H
#define WEDGE_CLI_CMD_PROXY_MODE_H

#include "proxy/base/options.h"
#include "proxy/config/config.h"

enum proxy_mode proxy_mode_given(const struct options_given *given);

/* The column "modes" of rows has MODE_*. Refuses two modes, an option of rows that isn't for the
 * mode, and the lack of one that the mode can't do without. */
int proxy_mode_check(const struct option_row *rows, const struct options_given *given,
		     struct err *e) WG_MUSTUSE;

#endif
