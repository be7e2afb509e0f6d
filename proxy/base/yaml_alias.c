/* yaml_alias.c - an alias is its text written out once more: a copy, so that the tree stays one. */
#include "proxy/base/yaml_alias.h"

#include "proxy/base/mem.h"
#include "proxy/base/yaml.h"

#include <string.h>

void yaml_anchors_add(struct yaml_anchors *a, char *name, const struct yaml_node *node)
{
	a->anchor = xrealloc(a->anchor, a->n + 1, sizeof(*a->anchor));
	a->anchor[a->n++] = (struct yaml_anchor){.name = name, .node = node};
}

/* The last of that name: a name may be given again (YAML 1.2.2, 3.2.2.2). */
const struct yaml_node *yaml_anchors_find(const struct yaml_anchors *a, const char *name)
{
	for (size_t i = a->n; i > 0; i--)
		if (strcmp(a->anchor[i - 1].name, name) == 0)
			return a->anchor[i - 1].node;
	return NULL;
}

struct yaml_node *yaml_anchors_copy(struct yaml_anchors *a, const struct yaml_node *node,
				    size_t depth)
{
	struct yaml_node *copy;

	if (a->copies == YAML_COPIES_MAX || (node->kind != YAML_SCALAR && depth == 0))
		return NULL;
	a->copies++;
	copy = xcalloc(1, sizeof(*copy));
	*copy = (struct yaml_node){
	    .kind = node->kind,
	    .line = node->line,
	    .column = node->column,
	    .text = node->text ? xstrdup(node->text) : NULL,
	};
	for (size_t i = 0; i < node->n; i++) {
		struct yaml_node *item = yaml_anchors_copy(a, node->item[i], depth - 1);

		if (!item) {
			yaml_node_free(copy);
			return NULL;
		}
		yaml_node_append(copy, item);
	}
	return copy;
}

void yaml_anchors_fini(struct yaml_anchors *a)
{
	for (size_t i = 0; i < a->n; i++)
		free(a->anchor[i].name);
	free(a->anchor);
	for (size_t i = 0; i < a->merged.n; i++)
		yaml_node_free(a->merged.item[i]);
	free(a->merged.item);
	*a = (struct yaml_anchors){.anchor = NULL};
}

static bool has_key(const struct yaml_node *map, const char *key)
{
	for (size_t i = 0; i < map->n; i += 2)
		if (strcmp(map->item[i]->text, key) == 0)
			return true;
	return false;
}

/* Copies the pairs whose keys map doesn't have. */
static int copy_pairs(struct yaml_anchors *a, struct yaml_node *map, const struct yaml_node *from,
		      size_t depth)
{
	for (size_t i = 0; i < from->n; i += 2) {
		struct yaml_node *key, *value;

		if (has_key(map, from->item[i]->text))
			continue;
		key = yaml_anchors_copy(a, from->item[i], depth);
		value = yaml_anchors_copy(a, from->item[i + 1], depth);
		if (!key || !value) {
			yaml_node_free(key);
			yaml_node_free(value);
			return -1;
		}
		yaml_node_append(map, key);
		yaml_node_append(map, value);
	}
	return 0;
}

/* The first of what << names that isn't a mapping, or NULL. */
static struct yaml_node *find_unfit(struct yaml_node *value)
{
	if (value->kind != YAML_SEQUENCE)
		return value->kind == YAML_MAPPING ? NULL : value;
	for (size_t i = 0; i < value->n; i++)
		if (value->item[i]->kind != YAML_MAPPING)
			return value->item[i];
	return NULL;
}

int yaml_merge(struct yaml_anchors *a, struct yaml_node *map, size_t depth,
	       struct yaml_node **unfit)
{
	struct yaml_node *value;
	size_t at = 0;
	int rc = 0;

	*unfit = NULL;
	while (at < map->n && strcmp(map->item[at]->text, "<<") != 0)
		at += 2;
	if (at == map->n)
		return 0;
	value = map->item[at + 1];
	*unfit = find_unfit(value);
	if (*unfit)
		return -1;
	yaml_node_append(&a->merged, map->item[at]);
	yaml_node_append(&a->merged, value);
	map->n -= 2;
	memmove(&map->item[at], &map->item[at + 2], (map->n - at) * sizeof(struct yaml_node *));
	if (value->kind == YAML_MAPPING)
		return copy_pairs(a, map, value, depth);
	for (size_t i = 0; rc == 0 && i < value->n; i++)
		rc = copy_pairs(a, map, value->item[i], depth);
	return rc;
}
