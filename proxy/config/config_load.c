/* config_load.c - goes through the file from its top: every key checked, every contradiction
 * refused, with its place and what would be accepted. */
#include "proxy/config/config_load.h"

#include "proxy/base/mem.h"
#include "proxy/base/yaml_load.h"
#include "proxy/base/yaml_param.h"
#include "proxy/config/config_loop.h"
#include "proxy/config/config_place.h"
#include "proxy/config/config_sections.h"
#include "proxy/config/place_words.h"

#include <string.h>

enum { PROXIES_MAX = 1000 };

static const char *const top_keys[] = {"proxies",    "seed",	"journal", "capture",
				       "hold_limit", "workers", "log",	   NULL};
static const char *const exec_keys[] = {"impairments", "tls",	  "connect_timeout",
					"seed",	       "journal", "capture",
					"hold_limit",  "log",	  NULL};
static const char *const proxy_keys[] = {"name",
					 "mode",
					 "enabled",
					 "listen",
					 "upstream",
					 "server",
					 "in",
					 "port",
					 "to",
					 "user",
					 "own_address",
					 "early_accept",
					 "close_unreachable",
					 "connect_timeout",
					 "map_upstream",
					 "impairments",
					 "tls",
					 "proxy_protocol",
					 NULL};

/* A file and the configuration that it becomes. */
struct config_reader {
	struct yaml *y;
	struct config *c;
};

/* A key that is for some modes only. */
struct mode_key {
	const char *key;
	unsigned modes;
	const char *example; /* not NULL: its modes can't do without it */
};

static const struct mode_key mode_keys[] = {
    {"listen", MODE_EXPLICIT, "127.0.0.1:8080"},
    {"upstream", MODE_EXPLICIT, "192.0.2.1:80"},
    {"server", MODE_FORWARD, "192.0.2.1:80"},
    {"in", MODE_TRANSPARENT, "eth1"},
    {"port", MODE_TRANSPARENT | MODE_REDIRECT, NULL},
    {"to", MODE_TRANSPARENT | MODE_REDIRECT, NULL},
    {"user", MODE_REDIRECT, NULL},
    {"own_address", MODE_TRANSPARENT, NULL},
    {"early_accept", MODE_TRANSPARENT | MODE_REDIRECT, NULL},
    {"close_unreachable", MODE_EXPLICIT, NULL},
    {"connect_timeout", MODE_EXPLICIT | MODE_TRANSPARENT | MODE_REDIRECT, NULL},
    {"map_upstream", MODE_TRANSPARENT | MODE_REDIRECT, NULL},
};

static int refuse_key(struct config_reader *r, struct yaml_node *at, const struct mode_key *k,
		      const struct config_proxy *p, struct err *e)
{
	char modes[64] = "";

	for (size_t i = 0, used = 0; config_mode_names[i]; i++)
		if (k->modes & 1u << i)
			used += (size_t)snprintf(modes + used, sizeof(modes) - used, "%s%s",
						 used ? " and " : "", config_mode_names[i]);
	return yaml_error(r->y, at, e, "'%s' is for mode %s; proxy '%s' has mode %s", k->key, modes,
			  p->name, config_mode_names[p->mode]);
}

/* Refuses keys that the mode has no use for, and the lack of those that it can't do without. */
static int check_keys(struct config_reader *r, struct yaml_node *map, const struct config_proxy *p,
		      struct err *e)
{
	struct yaml_need needs[ARRAY_LEN(mode_keys)];
	size_t n = 0;
	char *owner;
	int rc;

	for (size_t i = 0; i < ARRAY_LEN(mode_keys); i++) {
		const struct mode_key *k = &mode_keys[i];
		struct yaml_node *value = yaml_get(r->y, map, k->key);
		bool used = k->modes & 1u << p->mode;

		if (used && k->example)
			needs[n++] = (struct yaml_need){k->key, k->example};
		if (!used && value)
			return refuse_key(r, value, k, p, e);
	}
	owner = xasprintf("proxy '%s': ", p->name);
	rc = yaml_need_keys(r->y, map, needs, n, owner, e);
	free(owner);
	return rc;
}

static int wrap_at_key(struct config_reader *r, struct yaml_node *map, const char *key,
		       struct err *e)
{
	struct yaml_node *value = yaml_get(r->y, map, key);

	err_wrap(e, "%s", key);
	return yaml_error_wrap(r->y, value ? value : map, e);
}

static int read_addresses(struct config_reader *r, struct yaml_node *map, struct config_proxy *p,
			  struct err *e)
{
	struct yaml_node *mapped = yaml_get(r->y, map, "map_upstream");

	if (check_keys(r, map, p, e) == -1 ||
	    (mapped && config_read_map(&p->map, r->y, mapped, e) == -1))
		return -1;
	if (p->mode == PROXY_FORWARD)
		return config_place_server(p, p->server_text, e) == -1
			   ? wrap_at_key(r, map, "server", e)
			   : 0;
	if (p->mode == PROXY_TRANSPARENT || p->mode == PROXY_REDIRECT) {
		const char *at;

		if (config_place_intercept(p, &at, e) == -1)
			return wrap_at_key(r, map, at, e);
		return addr_parse(":0", &p->listen, e);
	}
	if (listen_place_parse(p->listen_text, &p->listen, e) == -1)
		return wrap_at_key(r, map, "listen", e);
	if (upstream_place_parse(p->upstream_text, &p->upstream, e) == -1)
		return wrap_at_key(r, map, "upstream", e);
	return 0;
}

static int refuse_meeting(struct config_reader *r, struct yaml_node *at, const char *key,
			  const struct config_proxy *p, const struct config_proxy *o, struct err *e)
{
	char *own = config_place_text(p), *other = config_place_text(o);

	/* The place of a redirect names its key itself. */
	yaml_error(
	    r->y, at, e,
	    "%s%s%s meets that of proxy '%s', %s; each needs an address or a port of its own",
	    p->mode == PROXY_REDIRECT ? "" : key, p->mode == PROXY_REDIRECT ? "" : " ", own,
	    o->name, other);
	free(own);
	free(other);
	return -1;
}

/* Compares p with the proxies before it, disabled ones too: those are meant to be enabled. */
static int check_unique(struct config_reader *r, struct yaml_node *map,
			const struct config_proxy *p, struct err *e)
{
	static const char *const keys[] = {"listen", "server", "in", "port"}; /* by mode */
	const char *key = keys[p->mode];
	struct yaml_node *at = yaml_get(r->y, map, key);

	for (const struct config_proxy *o = r->c->proxy; o < p; o++) {
		if (strcmp(o->name, p->name) == 0)
			return yaml_error(
			    r->y, yaml_get(r->y, map, "name"), e,
			    "there is already a proxy '%s'; each needs a name of its own", p->name);
		if (config_places_meet(o, p))
			return refuse_meeting(r, at ? at : map, key, p, o, e);
	}
	return 0;
}

/* Reads the list of the key impairments, if map has it. */
static int read_impairments(struct yaml *y, struct yaml_node *map,
			    const struct impairments_ops *ops, struct config_proxy *p,
			    struct err *e)
{
	struct yaml_node *list = yaml_get(y, map, "impairments");

	if (!list)
		return 0;
	if (ops->add_yaml(p->impairments, y, list, e) == -1)
		return -1;
	if (ops->check(p->impairments, p->mode == PROXY_FORWARD, (enum tls_mode)p->tls.mode, e) ==
	    -1)
		return yaml_error_wrap(y, list, e);
	return 0;
}

static int read_proxy(struct config_reader *r, struct yaml_node *map, struct err *e)
{
	struct config_proxy *p = config_add(r->c, NULL);
	struct yaml_node *tls, *protocol;

	if (yaml_only_keys(r->y, map, proxy_keys, e) == -1)
		return -1;
	if (!yaml_get(r->y, map, "name"))
		return yaml_error(r->y, map, e, "a proxy needs a name; for instance name: web");
	if (yaml_read_params(r->y, map, config_proxy_params, p, e) == -1 ||
	    read_addresses(r, map, p, e) == -1 || check_unique(r, map, p, e) == -1)
		return -1;
	tls = yaml_get(r->y, map, "tls");
	if (tls && config_read_tls(r->y, tls, p, e) == -1)
		return -1;
	protocol = yaml_get(r->y, map, "proxy_protocol");
	if (protocol &&
	    config_read_protocol(r->y, protocol, (enum proxy_mode)p->mode, &p->protocol, e) == -1)
		return -1;
	return read_impairments(r->y, map, r->c->impairments_ops, p, e);
}

static int check_loops(struct config_reader *r, struct yaml_node *list, struct err *e)
{
	size_t at;

	if (config_loop_check(r->c, &at, e) == 0)
		return 0;
	err_wrap(e, "upstream");
	return yaml_error_wrap(r->y, yaml_get(r->y, yaml_item(list, at), "upstream"), e);
}

/* The keys of a file's top that have a single value. */
static int read_top(struct yaml *y, struct yaml_node *root, struct config *c, struct err *e)
{
	if (yaml_read_params(y, root, config_params, c, e) == -1)
		return -1;
	if (config_check_hold_limit(c->hold_limit, e) == -1)
		return yaml_error_wrap(y, yaml_get(y, root, "hold_limit"), e);
	c->seed_given |= yaml_get(y, root, "seed") != NULL;
	return 0;
}

static int read_file(struct config_reader *r, struct err *e)
{
	struct yaml_node *root = yaml_root(r->y), *list;

	if (!root || yaml_kind(root) != YAML_MAPPING)
		return yaml_error(r->y, root, e,
				  "a mapping is expected here, with the key 'proxies'");
	if (yaml_only_keys(r->y, root, top_keys, e) == -1 || read_top(r->y, root, r->c, e) == -1)
		return -1;
	list = yaml_get(r->y, root, "proxies");
	if (!list)
		return yaml_error(r->y, root, e, "the key 'proxies' is missing; none is []");
	if (yaml_kind(list) != YAML_SEQUENCE)
		return yaml_error(r->y, list, e,
				  "proxies are a list, like [{name: web, listen: 127.0.0.1:8080, "
				  "upstream: 192.0.2.1:80}]");
	if (yaml_count(list) > PROXIES_MAX)
		return yaml_error(r->y, list, e, "%zu proxies; at most %d are accepted",
				  yaml_count(list), PROXIES_MAX);
	for (size_t i = 0; i < yaml_count(list); i++)
		if (read_proxy(r, yaml_item(list, i), e) == -1)
			return -1;
	return check_loops(r, list, e);
}

int config_load(struct config *c, const char *path, struct err *e)
{
	struct config_reader r = {.y = yaml_load_file(path, e), .c = c};
	int rc;

	if (!r.y)
		return -1;
	rc = read_file(&r, e);
	yaml_free(r.y);
	return rc;
}

int config_load_proxy(struct config *c, const char *name, const char *text, size_t len,
		      struct err *e)
{
	struct config_reader r = {.y = yaml_load_text(name, text, len, e), .c = c};
	struct yaml_node *root;
	int rc;

	if (!r.y)
		return -1;
	root = yaml_root(r.y);
	rc = root && yaml_kind(root) == YAML_MAPPING
		 ? read_proxy(&r, root, e)
		 : yaml_error(r.y, root, e, "a mapping is expected here, with the keys of a proxy");
	yaml_free(r.y);
	return rc;
}

static int read_only_impairments(struct yaml *y, const struct impairments_ops *ops,
				 struct config_proxy *p, struct err *e)
{
	static const char *const keys[] = {"impairments", NULL};
	struct yaml_node *root = yaml_root(y);

	if (!root || yaml_kind(root) != YAML_MAPPING || !yaml_get(y, root, keys[0]))
		return yaml_error(y, root, e,
				  "a mapping is expected here, with the key 'impairments'");
	return yaml_only_keys(y, root, keys, e) == -1 ? -1 : read_impairments(y, root, ops, p, e);
}

int config_load_impairments(const struct impairments_ops *ops, struct config_proxy *p,
			    const char *name, const char *text, size_t len, struct err *e)
{
	struct yaml *y = yaml_load_text(name, text, len, e);
	int rc;

	if (!y)
		return -1;
	rc = read_only_impairments(y, ops, p, e);
	yaml_free(y);
	return rc;
}

static int read_connect_timeout(struct yaml *y, struct yaml_node *root, struct config_proxy *p,
				struct err *e)
{
	const struct param table[] = {*param_find(config_proxy_params, "connect_timeout"), P_END};

	return yaml_read_params(y, root, table, p, e);
}

static int read_exec(struct yaml *y, struct config *c, struct config_proxy *p, struct err *e)
{
	struct yaml_node *root = yaml_root(y), *tls;

	if (!root || yaml_kind(root) != YAML_MAPPING)
		return yaml_error(y, root, e,
				  "a mapping is expected here, with the key 'impairments'");
	if (yaml_only_keys(y, root, exec_keys, e) == -1 || read_top(y, root, c, e) == -1)
		return -1;
	if (read_connect_timeout(y, root, p, e) == -1)
		return -1;
	tls = yaml_get(y, root, "tls");
	if (tls && config_read_tls(y, tls, p, e) == -1)
		return -1;
	return read_impairments(y, root, c->impairments_ops, p, e);
}

int config_load_exec(struct config *c, struct config_proxy *p, const char *path, struct err *e)
{
	struct yaml *y = yaml_load_file(path, e);
	int rc;

	if (!y)
		return -1;
	rc = read_exec(y, c, p, e);
	yaml_free(y);
	return rc;
}
