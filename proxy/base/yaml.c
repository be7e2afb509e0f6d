/* yaml.c - reads a YAML tree and tells places in it; knows nothing of how it was built. */
#include "proxy/base/yaml.h"

#include "proxy/base/nearest.h"
#include "proxy/base/yaml_tree.h"

#include <stdarg.h>
#include <string.h>

void yaml_free(struct yaml *y)
{
	if (!y)
		return;
	yaml_node_free(y->root);
	free(y->name);
	free(y);
}

const char *yaml_name(const struct yaml *y)
{
	return y->name;
}

struct yaml_node *yaml_root(struct yaml *y)
{
	return y->root;
}

enum yaml_kind yaml_kind(const struct yaml_node *n)
{
	return (enum yaml_kind)n->kind;
}

const char *yaml_text(struct yaml *y, struct yaml_node *n)
{
	(void)y;
	return n->text ? n->text : "";
}

size_t yaml_count(const struct yaml_node *n)
{
	return n->kind == YAML_MAPPING ? n->n / 2 : n->n;
}

struct yaml_node *yaml_item(struct yaml_node *n, size_t i)
{
	BUG_ON(n->kind != YAML_SEQUENCE || i >= n->n);
	return n->item[i];
}

struct yaml_node *yaml_key_node(struct yaml_node *n, size_t i)
{
	BUG_ON(n->kind != YAML_MAPPING || i >= n->n / 2);
	return n->item[2 * i];
}

struct yaml_node *yaml_value(struct yaml_node *n, size_t i)
{
	BUG_ON(n->kind != YAML_MAPPING || i >= n->n / 2);
	return n->item[2 * i + 1];
}

const char *yaml_key(struct yaml *y, struct yaml_node *n, size_t i)
{
	return yaml_text(y, yaml_key_node(n, i));
}

struct yaml_node *yaml_get(struct yaml *y, struct yaml_node *n, const char *key)
{
	if (n->kind != YAML_MAPPING)
		return NULL;
	for (size_t i = 0; i < n->n / 2; i++)
		if (strcmp(yaml_key(y, n, i), key) == 0)
			return yaml_value(n, i);
	return NULL;
}

int yaml_error_wrap(struct yaml *y, struct yaml_node *n, struct err *e)
{
	return err_wrap(e, "%s:%d:%d", y->name, n ? n->line : 1, n ? n->column : 1);
}

int yaml_error(struct yaml *y, struct yaml_node *n, struct err *e, const char *fmt, ...)
{
	char text[sizeof(e->text)];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(e, "%s:%d:%d: %s", y->name, n ? n->line : 1, n ? n->column : 1, text);
}

int yaml_need_keys(struct yaml *y, struct yaml_node *map, const struct yaml_need *needs, size_t n,
		   const char *owner, struct err *e)
{
	char keys[300] = "", examples[300] = "";
	size_t missing = 0, left = 0, used = 0, shown = 0;

	for (size_t i = 0; i < n; i++)
		left += !yaml_get(y, map, needs[i].key);
	if (left == 0)
		return 0;
	for (size_t i = 0; i < n; i++) {
		const struct yaml_need *k = &needs[i];

		if (yaml_get(y, map, k->key))
			continue;
		used += (size_t)snprintf(keys + used, sizeof(keys) - used, "%s'%s'",
					 missing == 0	       ? ""
					 : missing == left - 1 ? " and "
							       : ", ",
					 k->key);
		missing++;
		if (k->example)
			shown +=
			    (size_t)snprintf(examples + shown, sizeof(examples) - shown, "%s%s: %s",
					     shown ? ", " : "; for instance ", k->key, k->example);
		BUG_ON(used >= sizeof(keys) || shown >= sizeof(examples));
	}
	return yaml_error(y, map, e, "%sthe key%s %s %s missing%s", owner, left == 1 ? "" : "s",
			  keys, left == 1 ? "is" : "are", examples);
}

int yaml_only_keys(struct yaml *y, struct yaml_node *n, const char *const *keys, struct err *e)
{
	char accepted[512] = "";

	if (n->kind != YAML_MAPPING)
		return yaml_error(y, n, e, "a mapping (key: value) is expected here");
	for (size_t i = 0; i < n->n / 2; i++) {
		char hint[NEAREST_HINT];
		const char *key = yaml_key(y, n, i), *near;
		const char *const *k = keys;

		while (*k && strcmp(*k, key) != 0)
			k++;
		if (*k)
			continue;
		for (k = keys; *k; k++) {
			size_t used = strlen(accepted);

			snprintf(accepted + used, sizeof(accepted) - used, "%s%s", used ? ", " : "",
				 *k);
		}
		near = nearest_name(key, keys);
		return yaml_error(y, yaml_key_node(n, i), e, "unknown key '%.60s'%s; %s%s", key,
				  nearest_hint(hint, near),
				  *keys ? "accepted are " : "no key is accepted", accepted);
	}
	return 0;
}
