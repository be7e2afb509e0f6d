/* yaml.h - a YAML document as a tree of nodes that know their line and column. Hides libfyaml. */
#ifndef WEDGE_BASE_YAML_H
#define WEDGE_BASE_YAML_H

#include "proxy/base/err.h"

#include <stdbool.h>

struct yaml;	  /* a parsed document; owns its nodes */
struct yaml_node; /* borrowed; valid while the document lives */

void yaml_free(struct yaml *y);

const char *yaml_name(const struct yaml *y);
struct yaml_node *yaml_root(struct yaml *y); /* NULL for an empty document */

enum yaml_kind { YAML_SCALAR, YAML_SEQUENCE, YAML_MAPPING };
enum yaml_kind yaml_kind(const struct yaml_node *n);

/* Returns a scalar's text, NUL-terminated, which y owns. */
const char *yaml_text(struct yaml *y, struct yaml_node *n);
/* Returns the number of a sequence's items or a mapping's pairs. */
size_t yaml_count(const struct yaml_node *n);
/* Returns item i of a sequence. */
struct yaml_node *yaml_item(struct yaml_node *n, size_t i);

/* Return the key, the key's node and the value of pair i of a mapping. */
const char *yaml_key(struct yaml *y, struct yaml_node *n, size_t i);
struct yaml_node *yaml_key_node(struct yaml_node *n, size_t i);
struct yaml_node *yaml_value(struct yaml_node *n, size_t i);
/* Returns the value of that key in a mapping, or NULL. */
struct yaml_node *yaml_get(struct yaml *y, struct yaml_node *n, const char *key);

/* Sets e to "FILE:LINE:COLUMN: text" for that node; returns -1. */
int yaml_error(struct yaml *y, struct yaml_node *n, struct err *e, const char *fmt, ...)
    WG_PRINTF(4, 5);

/* Puts "FILE:LINE:COLUMN: " before the text already in e; returns -1. */
int yaml_error_wrap(struct yaml *y, struct yaml_node *n, struct err *e);

/* A key that a mapping can't do without, and a value for it, or NULL. */
struct yaml_need {
	const char *key, *example;
};

/* Refuses a mapping that lacks any of n keys, naming all that it lacks; owner stands before that
 * ("proxy 'a': ") or is "". */
int yaml_need_keys(struct yaml *y, struct yaml_node *map, const struct yaml_need *needs, size_t n,
		   const char *owner, struct err *e) WG_MUSTUSE;

/* Refuses a mapping with a key that is not in keys (NULL-terminated), naming the nearest. */
int yaml_only_keys(struct yaml *y, struct yaml_node *n, const char *const *keys,
		   struct err *e) WG_MUSTUSE;

#endif
