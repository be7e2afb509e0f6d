/* cmd_proxy_tls.h - the options --tls and --tls-KEY of "wedge proxy", all from the table of TLS's
 * keys. */
#ifndef WEDGE_CLI_CMD_PROXY_TLS_H
#define WEDGE_CLI_CMD_PROXY_TLS_H

#include "proxy/stream/tls/tls_config.h"

#include <getopt.h>
#include <stdio.h>

/* What getopt_long returns for the option of row i: TLS_OPTION + i. */
enum { TLS_OPTION = 512, TLS_OPTION_LEN = 24 };

struct tls_options {
	char name[TLS_KEYS_MAX][TLS_OPTION_LEN]; /* "--tls", "--tls-cert", ... */
	size_t n;
};

/* Fills o, and puts its options into table[n] and on, which has room for TLS_KEYS_MAX. */
void tls_options_init(struct tls_options *o, struct option *table, size_t n);

int tls_option_set(const struct tls_options *o, struct tls_config *c, int opt, const char *value,
		   struct err *e) WG_MUSTUSE;

/* Their lines of the help. */
void tls_options_help(const struct tls_options *o, FILE *out);

#endif
