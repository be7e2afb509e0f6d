/* yaml_tree.c - grows and frees a YAML tree. */
#include "proxy/base/yaml_tree.h"

#include "proxy/base/mem.h"

#include <stdlib.h>

void yaml_node_append(struct yaml_node *parent, struct yaml_node *item)
{
	if (parent->n == parent->room) {
		parent->room = parent->room ? 2 * parent->room : 8;
		parent->item = xrealloc(parent->item, parent->room, sizeof(struct yaml_node *));
	}
	parent->item[parent->n++] = item;
}

void yaml_node_free(struct yaml_node *n)
{
	if (!n)
		return;
	for (size_t i = 0; i < n->n; i++)
		yaml_node_free(n->item[i]); /* as deep as yaml_load.c lets it be */
	free(n->item);
	free(n->text);
	free(n);
}
