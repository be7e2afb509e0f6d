/* set_parse.h - impairments from YAML and from the command line's form, into a set. */
#ifndef WEDGE_IMPAIRMENTS_SET_SET_PARSE_H
#define WEDGE_IMPAIRMENTS_SET_SET_PARSE_H

#include "impairments/set/set.h"
#include "proxy/base/yaml.h"

/* A YAML list: [{delayed_ack: {timer: 200ms}}, ...]; "[]" is an empty set. Appends to s. */
int impairment_set_yaml(struct impairment_set *s, struct yaml *y, struct yaml_node *list,
			struct err *e) WG_MUSTUSE;

/* The command line's form: "delayed_ack{timer=200ms,every=2}" or just "delayed_ack". Appends. */
int impairment_set_text(struct impairment_set *s, const char *text, struct err *e) WG_MUSTUSE;

#endif
