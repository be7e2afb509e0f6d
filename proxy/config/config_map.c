/* config_map.c - the key map_upstream: a mapping {FROM: TO}, or a list of such or of FROM=TO. */
#include "proxy/config/config.h"

#include "proxy/base/yaml.h"

static int read_pairs(struct upstream_map *m, struct yaml *y, struct yaml_node *map, struct err *e)
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

static int read_item(struct upstream_map *m, struct yaml *y, struct yaml_node *item, struct err *e)
{
	if (yaml_kind(item) == YAML_MAPPING)
		return read_pairs(m, y, item, e);
	if (yaml_kind(item) != YAML_SCALAR)
		return yaml_error(y, item, e, "map_upstream's list takes FROM=TO or {FROM: TO}");
	if (upstream_map_parse(m, yaml_text(y, item), e) == 0)
		return 0;
	err_wrap(e, "map_upstream");
	return yaml_error_wrap(y, item, e);
}

int config_map_yaml(struct upstream_map *m, struct yaml *y, struct yaml_node *node, struct err *e)
{
	if (yaml_kind(node) != YAML_SEQUENCE)
		return read_item(m, y, node, e);
	for (size_t i = 0; i < yaml_count(node); i++)
		if (read_item(m, y, yaml_item(node, i), e) == -1)
			return -1;
	return 0;
}
