/* yaml_param.h - parameter tables read from YAML: the pairs of a mapping that have a row. */
#ifndef WEDGE_BASE_YAML_PARAM_H
#define WEDGE_BASE_YAML_PARAM_H

#include "proxy/base/param.h"
#include "proxy/base/yaml.h"

/* Sets in cfg the mapping's values for the table's rows, and skips other keys. -1: *e names the
 * place of the fault. */
int yaml_read_params(struct yaml *y, struct yaml_node *map, const struct param *table, void *cfg,
		     struct err *e) WG_MUSTUSE;

#endif
