/* cmd_proxy_tls.h - the options --tls and --tls-KEY of "wedge proxy" and "wedge exec", all from the
 * table of TLS's keys. */
#ifndef WEDGE_CLI_CMD_PROXY_TLS_H
#define WEDGE_CLI_CMD_PROXY_TLS_H

#include "proxy/base/options.h"
#include "proxy/stream/tls/tls_config.h"

enum { PROXY_HELP_COLUMN = 25, TLS_HELP_MAX = 512 };

/* The rows, and the texts that they point to: stays where it is once it is filled. */
struct tls_rows {
	struct option_row row[TLS_KEYS_MAX + 1];
	char name[TLS_KEYS_MAX][OPTION_NAME_MAX];
	char help[TLS_KEYS_MAX][TLS_HELP_MAX];
};

/* A row for each key, with set, modes and the key as its param. */
void tls_rows_init(struct tls_rows *r, option_setter *set, unsigned modes);

#endif
