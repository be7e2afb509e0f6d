/* yaml_tree.h - how a YAML tree is stored, for those that build it and yaml.c that reads it.
 */
#ifndef WEDGE_BASE_YAML_TREE_H
#define WEDGE_BASE_YAML_TREE_H

#include <stddef.h>

struct yaml_node {
	int kind;		 /* enum yaml_kind (yaml.h) */
	int line, column;	 /* from 1 */
	char *text;		 /* of a scalar */
	struct yaml_node **item; /* of a mapping: key, value, key, value... */
	size_t n, room;
};

struct yaml {
	char *name;
	struct yaml_node *root;
};

/* Appends an item, which parent then owns. */
void yaml_node_append(struct yaml_node *parent, struct yaml_node *item);
void yaml_node_free(struct yaml_node *n); /* with all that it owns; n may be NULL */

#endif
