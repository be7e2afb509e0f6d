/* set_parse.h - reads impairments from YAML and from the command line's form into a set. */
#ifndef WEDGE_IMPAIRMENTS_SET_SET_PARSE_H
#define WEDGE_IMPAIRMENTS_SET_SET_PARSE_H

#include "impairments/set/set.h"
#include "proxy/base/yaml.h"

/* Appends the instances of a YAML list: [{delayed_ack: {timer: 200ms}}, ...]; [] has none. After an
 * error s has those before the wrong one. */
int impairment_set_yaml(struct impairment_set *s, struct yaml *y, struct yaml_node *list,
			struct err *e) WG_MUSTUSE;

/* Appends one instance: "delayed_ack{timer=200ms,every=2}" or just "delayed_ack". After an error s
 * is as it was. */
int impairment_set_text(struct impairment_set *s, const char *text, struct err *e) WG_MUSTUSE;

#endif
