/* cmd_proxy_args.h - the command line of "wedge proxy", read, checked and complete. */
#ifndef WEDGE_CLI_CMD_PROXY_ARGS_H
#define WEDGE_CLI_CMD_PROXY_ARGS_H

#include "proxy/base/options.h"
#include "proxy/cli/cmd_proxy_tls.h"
#include "proxy/service/service_run.h"

struct proxy_args {
	struct config config; /* what all options but --config and --check say */
	struct service_source source;
	const char *check; /* the file of --check, or NULL */
	bool help, print_rules;
	size_t servers; /* each is a proxy; the first is that of --impair */
	struct tls_rows tls_rows;
	struct options_given given;
};

void proxy_args_init(struct proxy_args *a, const struct impairments_ops *impairments,
		     const struct capture_ops *capture);
void proxy_args_fini(struct proxy_args *a);

/* a has been initialised, and is to be released after a failure, too. With help nothing is checked.
 */
int proxy_args_parse(struct proxy_args *a, int argc, char **argv, struct err *e) WG_MUSTUSE;

void proxy_args_print_help(const struct proxy_args *a, FILE *out);

#endif
