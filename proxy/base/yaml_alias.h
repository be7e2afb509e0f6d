/* yaml_alias.h - what anchors (&name) name, copies of it for aliases (*name), and the key << which
 * takes another mapping's keys over. For yaml_load.c. */
#ifndef WEDGE_BASE_YAML_ALIAS_H
#define WEDGE_BASE_YAML_ALIAS_H

#include "proxy/base/attrs.h"
#include "proxy/base/yaml_tree.h"

/* Nodes that aliases may make in one document. Each may name others, so that a few lines could mean
 * billions; a catalogue's largest file has 600 in all. */
#define YAML_COPIES_MAX 20000

struct yaml_anchor {
	char *name;
	const struct yaml_node *node;
};

/* Zeroed memory is a valid start. */
struct yaml_anchors {
	struct yaml_anchor *anchor;
	size_t n;
	size_t copies;		 /* nodes made so far */
	struct yaml_node merged; /* owns what << named: anchors may stand in it */
};

/* The name now stands for the node, which must outlive the anchors. Takes the name's memory. */
void yaml_anchors_add(struct yaml_anchors *a, char *name, const struct yaml_node *node);
/* What the name stands for, or NULL. */
const struct yaml_node *yaml_anchors_find(const struct yaml_anchors *a, const char *name);
/* A copy with the places of the original, owned by the caller; NULL when that would be more nodes
 * than YAML_COPIES_MAX in all, or nested deeper than depth. */
struct yaml_node *yaml_anchors_copy(struct yaml_anchors *a, const struct yaml_node *node,
				    size_t depth);
void yaml_anchors_fini(struct yaml_anchors *a);

/* Replaces a mapping's key << by copies of the pairs of the mappings that it names, for the keys
 * that the mapping doesn't have itself (https://yaml.org/type/merge.html). 0, or -1: *unfit is the
 * value that is no mapping and no list of them, or NULL when the copies would be too many or too
 * deep. */
int yaml_merge(struct yaml_anchors *a, struct yaml_node *map, size_t depth,
	       struct yaml_node **unfit) WG_MUSTUSE;

#endif
