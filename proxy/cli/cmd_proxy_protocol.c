/* cmd_proxy_protocol.c - the PROXY protocol's keys as options of the command line. */
#include "proxy/cli/cmd_proxy_protocol.h"

const char protocol_options_help[] =
    "\nPROXY protocol (docs/proxy-protocol.md); in a file under proxy_protocol:\n\n"
    "  --proxy-protocol-in    connections to --listen begin with a PROXY header, version 1 or 2,\n"
    "                         which is taken off; the client is who it says\n"
    "  --proxy-protocol-out VERSION\n"
    "                         v1 or v2: the server is first sent a PROXY header of that version\n";

const struct option protocol_options[PROTOCOL_OPTIONS] = {
    {"proxy-protocol-in", no_argument, NULL, PROTOCOL_OPTION},
    {"proxy-protocol-out", required_argument, NULL, PROTOCOL_OPTION + 1},
};

const char *const protocol_option_names[PROTOCOL_OPTIONS] = {"--proxy-protocol-in",
							     "--proxy-protocol-out"};

int protocol_option_set(struct config_protocol *c, int opt, const char *value, struct err *e)
{
	int i = opt - PROTOCOL_OPTION;

	if (param_set(&config_protocol_params[i], c, value ? value : "yes", e) == -1)
		return err_wrap(e, "%s", protocol_option_names[i]);
	return 0;
}

int protocol_options_check(const struct config_protocol *c, enum proxy_mode mode, struct err *e)
{
	const char *key;

	if (config_protocol_check(c, mode, &key, e) == -1)
		return err_wrap(e, "--proxy-protocol-%s", key);
	return 0;
}
