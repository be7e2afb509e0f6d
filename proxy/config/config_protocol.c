/* config_protocol.c - the keys of the PROXY protocol, and in which modes they mean something. */
#include "proxy/config/config_protocol.h"

#include "proxy/base/yaml_param.h"

static const char *const version_names[] = {"none", "v1", "v2", NULL}; /* proxy_version */

const struct param config_protocol_params[] = {
    P_FLAG("in", struct config_protocol, in, .def = "no",
	   .help = "connections must begin with a PROXY header, version 1 or 2, which is taken "
		   "off; the client is who it says"),
    P_ENUM("out", struct config_protocol, out, version_names, .def = "none",
	   .help = "the server is first sent a PROXY header of that version"),
    P_END,
};

int config_protocol_check(const struct config_protocol *c, enum proxy_mode mode, const char **key,
			  struct err *e)
{
	*key = c->in ? "in" : "out";
	if (mode == PROXY_FORWARD && (c->in || c->out))
		return err_set(e, "mode forward terminates nothing, so no PROXY header can be "
				  "read or sent");
	if (mode != PROXY_EXPLICIT && c->in)
		return err_set(e, "it is for mode explicit; a client that doesn't know of wedge "
				  "sends it no PROXY header");
	return 0;
}

int proxy_protocol_read(struct yaml *y, struct yaml_node *node, enum proxy_mode mode,
			struct config_protocol *c, struct err *e)
{
	static const char *const keys[] = {"in", "out", NULL};
	const char *key;

	if (yaml_kind(node) != YAML_MAPPING)
		return yaml_error(y, node, e,
				  "proxy_protocol takes a mapping, like proxy_protocol: {out: v2}");
	if (yaml_only_keys(y, node, keys, e) == -1 ||
	    yaml_read_params(y, node, config_protocol_params, c, e) == -1)
		return -1;
	if (config_protocol_check(c, mode, &key, e) == 0)
		return 0;
	err_wrap(e, "%s", key);
	return yaml_error_wrap(y, yaml_get(y, node, key), e);
}
