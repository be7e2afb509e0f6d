/* config_tls.c - reads the keys of TLS from the file, and tries what they name. */
#include "proxy/config/config_tls.h"

#include "proxy/base/yaml_param.h"
#include "proxy/stream/tls/tls_check.h"

static int read_keys(struct yaml *y, struct yaml_node *node, struct tls_config *c, struct err *e)
{
	const char *keys[TLS_KEYS_MAX + 1] = {NULL};
	size_t n = 0;

	for (const struct param *row = tls_params; row->name; row++)
		keys[n++] = row->name;
	if (yaml_kind(node) == YAML_SCALAR)
		return param_set(tls_params, c, yaml_text(y, node), e) == -1
			   ? yaml_error_wrap(y, node, e)
			   : 0;
	if (yaml_kind(node) != YAML_MAPPING)
		return yaml_error(y, node, e,
				  "tls takes a mode or a mapping, like tls: {mode: intercept}");
	if (yaml_only_keys(y, node, keys, e) == -1)
		return -1;
	return yaml_read_params(y, node, tls_params, c, e);
}

/* What it names must be there, and fit together; at the key that is at fault, where it is given. */
static int try_files(struct yaml *y, struct yaml_node *node, const struct tls_config *c,
		     struct err *e)
{
	struct yaml_node *at = NULL;
	const char *key;

	if (tls_check(c, &key, e) == 0)
		return 0;
	if (yaml_kind(node) == YAML_MAPPING)
		at = yaml_get(y, node, key);
	err_wrap(e, "tls");
	return yaml_error_wrap(y, at ? at : node, e);
}

int config_tls_read(struct yaml *y, struct yaml_node *node, struct config_proxy *p, struct err *e)
{
	if (read_keys(y, node, &p->tls, e) == -1)
		return -1;
	if (p->mode == PROXY_FORWARD && p->tls.mode != TLS_PASSTHROUGH)
		return yaml_error(y, node, e,
				  "mode forward terminates nothing, so TLS can only pass through");
	if (tls_config_check(&p->tls, e) == -1) {
		err_wrap(e, "tls");
		return yaml_error_wrap(y, node, e);
	}
	if (p->tls.mode == TLS_PASSTHROUGH)
		return 0;
	return try_files(y, node, &p->tls, e);
}
