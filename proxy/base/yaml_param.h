/* yaml_param.h - parameter tables read from YAML: the pairs of a mapping that have a row. */
#ifndef WEDGE_BASE_YAML_PARAM_H
#define WEDGE_BASE_YAML_PARAM_H

#include "proxy/base/param.h"
#include "proxy/base/yaml.h"

/* Sets in cfg what the mapping says for the table's rows; other keys are left alone. -1 with the
 * place of what is wrong. */
int yaml_read_params(struct yaml *y, struct yaml_node *map, const struct param *table, void *cfg,
		     struct err *e) WG_MUSTUSE;

#endif
