/* config_sections.c - reads each section by its table of keys; TLS's files are tried at once, so
 * that a wrong one is refused before anything runs. */
#include "proxy/config/config_sections.h"

#include "proxy/base/yaml_param.h"
#include "proxy/stream/tls/tls_check.h"

static int read_map_pairs(struct upstream_map *m, struct yaml *y, struct yaml_node *map,
			  struct err *e)
{
	for (size_t i = 0; i < yaml_count(map); i++) {
		struct yaml_node *to = yaml_value(map, i);

		if (yaml_kind(to) != YAML_SCALAR)
			return yaml_error(y, to, e, "map_upstream takes HOST or HOST:PORT here");
		if (upstream_map_add(m, yaml_key(y, map, i), yaml_text(y, to), e) == -1) {
			err_wrap(e, "map_upstream");
			return yaml_error_wrap(y, to, e);
		}
	}
	return 0;
}

static int read_map_item(struct upstream_map *m, struct yaml *y, struct yaml_node *item,
			 struct err *e)
{
	if (yaml_kind(item) == YAML_MAPPING)
		return read_map_pairs(m, y, item, e);
	if (yaml_kind(item) != YAML_SCALAR)
		return yaml_error(y, item, e, "map_upstream's list takes FROM=TO or {FROM: TO}");
	if (upstream_map_parse(m, yaml_text(y, item), e) == 0)
		return 0;
	err_wrap(e, "map_upstream");
	return yaml_error_wrap(y, item, e);
}

int config_read_map(struct upstream_map *m, struct yaml *y, struct yaml_node *node, struct err *e)
{
	if (yaml_kind(node) != YAML_SEQUENCE)
		return read_map_item(m, y, node, e);
	for (size_t i = 0; i < yaml_count(node); i++)
		if (read_map_item(m, y, yaml_item(node, i), e) == -1)
			return -1;
	return 0;
}

static int read_tls_keys(struct yaml *y, struct yaml_node *node, struct tls_config *c,
			 struct err *e)
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

/* The files must be there, and fit together. The error stands at the key that is at fault, where
 * that is given. */
static int try_tls_files(struct yaml *y, struct yaml_node *node, const struct tls_config *c,
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

int config_read_tls(struct yaml *y, struct yaml_node *node, struct config_proxy *p, struct err *e)
{
	if (read_tls_keys(y, node, &p->tls, e) == -1)
		return -1;
	if (p->mode == PROXY_FORWARD &&
	    (p->tls.mode != TLS_PASSTHROUGH || p->tls.start != TLS_START_DIRECT))
		return yaml_error(y, node, e,
				  "mode forward terminates nothing, so TLS can only pass through");
	if (tls_config_check(&p->tls, e) == -1) {
		err_wrap(e, "tls");
		return yaml_error_wrap(y, node, e);
	}
	if (p->tls.mode == TLS_PASSTHROUGH)
		return 0;
	return try_tls_files(y, node, &p->tls, e);
}

int config_read_protocol(struct yaml *y, struct yaml_node *node, enum proxy_mode mode,
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
