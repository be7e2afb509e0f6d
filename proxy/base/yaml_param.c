/* yaml_param.c - each pair with a row goes through param_set; errors get their place in the file.
 */
#include "proxy/base/yaml_param.h"

int yaml_read_params(struct yaml *y, struct yaml_node *map, const struct param *table, void *cfg,
		     struct err *e)
{
	for (const struct param *p = table; p->name; p++) {
		struct yaml_node *value = yaml_get(y, map, p->name);

		if (!value)
			continue;
		if (yaml_kind(value) != YAML_SCALAR)
			return yaml_error(y, value, e, "%s takes a single value", p->name);
		if (param_set(p, cfg, yaml_text(y, value), e) == -1)
			return yaml_error_wrap(y, value, e);
	}
	return 0;
}
