/* config.c - reads the file of wedge proxy: every key checked, every contradiction refused, with
 * its place and what would be accepted. */
#include "proxy/config/config.h"

#include "proxy/base/mem.h"
#include "proxy/base/param.h"
#include "proxy/base/yaml_load.h"
#include "proxy/base/yaml_param.h"
#include "proxy/config/config_tls.h"

#include <string.h>

enum { NAME_MAX_LEN = 64 };

static const char *const mode_names[] = {"explicit", "forward", "transparent", "redirect",
					 NULL}; /* proxy_mode */
static const char *const level_names[] = {"error", "warning", "info", "debug",
					  NULL}; /* log_level */

static int check_name(const char *text, struct err *e)
{
	static const char accepted[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	size_t n = strlen(text);

	if (n == 0 || n > NAME_MAX_LEN || strspn(text, accepted) != n)
		return err_set(
		    e, "'%.80s' is no name; 1 to %d letters, digits, '.', '_' and '-' make one",
		    text, NAME_MAX_LEN);
	return 0;
}

static const struct param top_params[] = {
    P_COUNT("seed", struct config, seed, .def = "1", .help = "of every random decision"),
    P_TEXT("journal", struct config, journal, .def = "",
	   .help = "the file that what wedge does is appended to"),
    P_TEXT("capture", struct config, capture, .def = "",
	   .help = "the file that the packets of both legs are written to, with comments"),
    P_ENUM("log", struct config, level, level_names, .def = "warning",
	   .help = "the least important lines that are written"),
    P_END,
};

static const struct param proxy_params[] = {
    P_TEXT("name", struct config_proxy, name, .check = check_name, .help = "in log and errors"),
    P_ENUM("mode", struct config_proxy, mode, mode_names, .def = "explicit",
	   .help = "explicit: clients connect to listen; forward: packets that pass this host; "
		   "transparent: connections that pass it; redirect: this host's own"),
    P_FLAG("enabled", struct config_proxy, enabled, .def = "yes",
	   .help = "no: as if it weren't there, but checked"),
    P_TEXT("listen", struct config_proxy, listen_text, .def = "", .help = "explicit: [ADDR]:PORT"),
    P_TEXT("in", struct config_proxy, in_text, .def = "",
	   .help = "transparent: the interface that the clients are behind"),
    P_TEXT("port", struct config_proxy, port_text, .def = "",
	   .help = "transparent, redirect: ports, 80,443,8000-8100; without it every one"),
    P_TEXT("to", struct config_proxy, to_text, .def = "",
	   .help = "transparent, redirect: networks, 192.0.2.0/24,2001:db8::/32; without it "
		   "every one"),
    P_TEXT("user", struct config_proxy, user_text, .def = "",
	   .help = "redirect: whose programs' connections, a name or a number"),
    P_FLAG("own_address", struct config_proxy, own_address, .def = "no",
	   .help = "transparent: the server sees wedge's address, not the client's"),
    P_FLAG("early_accept", struct config_proxy, early_accept, .def = "no",
	   .help = "transparent, redirect: accept clients before their server has answered"),
    P_TEXT("upstream", struct config_proxy, upstream_text, .def = "",
	   .help = "explicit: HOST:PORT"),
    P_TEXT("server", struct config_proxy, server_text, .def = "", .help = "forward: ADDR[:PORT]"),
    P_END,
};

static const char *const top_keys[] = {"proxies", "seed", "journal", "capture", "log", NULL};
static const char *const exec_keys[] = {"impairments", "seed", "journal", "log", NULL};
static const char *const proxy_keys[] = {
    "name",	    "mode",	   "enabled", "listen",		"upstream",    "server",
    "in",	    "port",	   "to",      "user",		"own_address", "early_accept",
    "map_upstream", "impairments", "tls",     "proxy_protocol", NULL};

void config_init(struct config *c, const struct impairments_ops *ops)
{
	*c = (struct config){.impairments_ops = ops};
	param_defaults(top_params, c);
}

static void proxy_fini(struct config_proxy *p, const struct impairments_ops *ops)
{
	param_free(proxy_params, p);
	param_free(tls_params, &p->tls);
	upstream_map_free(&p->map);
	param_free(config_protocol_params, &p->protocol);
	ops->free(p->impairments);
}

void config_fini(struct config *c)
{
	for (size_t i = 0; i < c->n; i++)
		proxy_fini(&c->proxy[i], c->impairments_ops);
	free(c->proxy);
	param_free(top_params, c);
}

static struct config_proxy *append(struct config *c)
{
	struct config_proxy *p;

	c->proxy = xrealloc(c->proxy, c->n + 1, sizeof(*c->proxy));
	p = &c->proxy[c->n++];
	*p = (struct config_proxy){0};
	param_defaults(proxy_params, p);
	param_defaults(tls_params, &p->tls);
	param_defaults(config_protocol_params, &p->protocol);
	p->impairments = c->impairments_ops->new ();
	return p;
}

struct config_proxy *config_add(struct config *c, const char *name)
{
	struct config_proxy *p = append(c);

	free(p->name);
	p->name = xstrdup(name);
	return p;
}

/* What is being read: the file, and where each of its proxies stands. */
struct reader {
	struct yaml *y;
	struct config *c;
	struct yaml_node *list; /* of the proxies */
};

/* A key that is only of some modes. */
struct mode_key {
	const char *key;
	unsigned modes;	     /* a bit for each enum proxy_mode */
	const char *example; /* of one that mustn't lack */
};

static const struct mode_key mode_keys[] = {
    {"listen", 1u << PROXY_EXPLICIT, "127.0.0.1:8080"},
    {"upstream", 1u << PROXY_EXPLICIT, "192.0.2.1:80"},
    {"server", 1u << PROXY_FORWARD, "192.0.2.1:80"},
    {"in", 1u << PROXY_TRANSPARENT, "eth1"},
    {"port", 1u << PROXY_TRANSPARENT | 1u << PROXY_REDIRECT, NULL},
    {"to", 1u << PROXY_TRANSPARENT | 1u << PROXY_REDIRECT, NULL},
    {"user", 1u << PROXY_REDIRECT, NULL},
    {"own_address", 1u << PROXY_TRANSPARENT, NULL},
    {"early_accept", 1u << PROXY_TRANSPARENT | 1u << PROXY_REDIRECT, NULL},
    {"map_upstream", 1u << PROXY_TRANSPARENT | 1u << PROXY_REDIRECT, NULL},
};

static int refuse_key(struct reader *r, struct yaml_node *at, const struct mode_key *k,
		      const struct config_proxy *p, struct err *e)
{
	char modes[64] = "";

	for (size_t i = 0, used = 0; mode_names[i]; i++)
		if (k->modes & 1u << i)
			used += (size_t)snprintf(modes + used, sizeof(modes) - used, "%s%s",
						 used ? " and " : "", mode_names[i]);
	return yaml_error(r->y, at, e, "'%s' is for mode %s; proxy '%s' has mode %s", k->key, modes,
			  p->name, mode_names[p->mode]);
}

/* The keys are there, and only where the mode has a use for them. */
static int check_keys(struct reader *r, struct yaml_node *map, const struct config_proxy *p,
		      struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(mode_keys); i++) {
		const struct mode_key *k = &mode_keys[i];
		struct yaml_node *value = yaml_get(r->y, map, k->key);
		bool used = k->modes & 1u << p->mode;

		if (used && !value && k->example)
			return yaml_error(r->y, map, e,
					  "proxy '%s' lacks '%s'; for instance %s: %s", p->name,
					  k->key, k->key, k->example);
		if (!used && value)
			return refuse_key(r, value, k, p, e);
	}
	return 0;
}

static int at_key(struct reader *r, struct yaml_node *map, const char *key, struct err *e)
{
	struct yaml_node *value = yaml_get(r->y, map, key);

	err_wrap(e, "%s", key);
	return yaml_error_wrap(r->y, value ? value : map, e);
}

static int read_addresses(struct reader *r, struct yaml_node *map, struct config_proxy *p,
			  struct err *e)
{
	struct yaml_node *mapped = yaml_get(r->y, map, "map_upstream");

	if (check_keys(r, map, p, e) == -1 ||
	    (mapped && config_map_yaml(&p->map, r->y, mapped, e) == -1))
		return -1;
	if (p->mode == PROXY_FORWARD)
		return config_server(p, p->server_text, e) == -1 ? at_key(r, map, "server", e) : 0;
	if (p->mode == PROXY_TRANSPARENT || p->mode == PROXY_REDIRECT) {
		const char *at;

		if (config_intercept(p, &at, e) == -1)
			return at_key(r, map, at, e);
		return addr_parse(":0", &p->listen, e);
	}
	if (addr_parse(p->listen_text, &p->listen, e) == -1)
		return at_key(r, map, "listen", e);
	if (host_port_parse(p->upstream_text, &p->upstream, e) == -1)
		return at_key(r, map, "upstream", e);
	return 0;
}

static int refuse_meeting(struct reader *r, struct yaml_node *at, const char *key,
			  const struct config_proxy *p, const struct config_proxy *o, struct err *e)
{
	char *own = config_place(p), *other = config_place(o);

	/* A redirect's place says itself what is meant. */
	yaml_error(
	    r->y, at, e,
	    "%s%s%s meets that of proxy '%s', %s; each needs an address or a port of its own",
	    p->mode == PROXY_REDIRECT ? "" : key, p->mode == PROXY_REDIRECT ? "" : " ", own,
	    o->name, other);
	free(own);
	free(other);
	return -1;
}

/* p against those before it, disabled ones too: they are meant to be enabled. */
static int check_unique(struct reader *r, struct yaml_node *map, const struct config_proxy *p,
			struct err *e)
{
	static const char *const keys[] = {"listen", "server", "in", "port"}; /* by mode */
	const char *key = keys[p->mode];
	struct yaml_node *at = yaml_get(r->y, map, key);

	for (const struct config_proxy *o = r->c->proxy; o < p; o++) {
		if (strcmp(o->name, p->name) == 0)
			return yaml_error(
			    r->y, yaml_get(r->y, map, "name"), e,
			    "there is already a proxy '%s'; each needs a name of its own", p->name);
		if (config_proxies_meet(o, p))
			return refuse_meeting(r, at ? at : map, key, p, o, e);
	}
	return 0;
}

/* The list under the key of that mapping, if there is one. */
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

static int read_proxy(struct reader *r, struct yaml_node *map, struct err *e)
{
	struct config_proxy *p = append(r->c);
	struct yaml_node *tls, *protocol;

	if (yaml_only_keys(r->y, map, proxy_keys, e) == -1)
		return -1;
	if (!yaml_get(r->y, map, "name"))
		return yaml_error(r->y, map, e, "a proxy needs a name; for instance name: web");
	if (yaml_read_params(r->y, map, proxy_params, p, e) == -1 ||
	    read_addresses(r, map, p, e) == -1 || check_unique(r, map, p, e) == -1)
		return -1;
	tls = yaml_get(r->y, map, "tls");
	if (tls && config_tls_read(r->y, tls, p, e) == -1)
		return -1;
	protocol = yaml_get(r->y, map, "proxy_protocol");
	if (protocol &&
	    proxy_protocol_read(r->y, protocol, (enum proxy_mode)p->mode, &p->protocol, e) == -1)
		return -1;
	return read_impairments(r->y, map, r->c->impairments_ops, p, e);
}

static int read_file(struct reader *r, struct err *e)
{
	struct yaml_node *root = yaml_root(r->y);

	if (!root || yaml_kind(root) != YAML_MAPPING)
		return yaml_error(r->y, root, e,
				  "a mapping is expected here, with the key 'proxies'");
	if (yaml_only_keys(r->y, root, top_keys, e) == -1 ||
	    yaml_read_params(r->y, root, top_params, r->c, e) == -1)
		return -1;
	r->list = yaml_get(r->y, root, "proxies");
	if (!r->list)
		return yaml_error(r->y, root, e, "the key 'proxies' is missing; none is []");
	if (yaml_kind(r->list) != YAML_SEQUENCE)
		return yaml_error(r->y, r->list, e,
				  "proxies are a list, like [{name: web, listen: 127.0.0.1:8080, "
				  "upstream: 192.0.2.1:80}]");
	if (yaml_count(r->list) > CONFIG_PROXIES_MAX)
		return yaml_error(r->y, r->list, e, "%zu proxies; at most %d are accepted",
				  yaml_count(r->list), CONFIG_PROXIES_MAX);
	for (size_t i = 0; i < yaml_count(r->list); i++)
		if (read_proxy(r, yaml_item(r->list, i), e) == -1)
			return -1;
	return 0;
}

int config_load(struct config *c, const char *path, struct err *e)
{
	struct reader r = {.y = yaml_load_file(path, e), .c = c};
	int rc;

	if (!r.y)
		return -1;
	rc = read_file(&r, e);
	yaml_free(r.y);
	return rc;
}

static int read_exec(struct yaml *y, struct config *c, struct config_proxy *p, struct err *e)
{
	struct yaml_node *root = yaml_root(y);

	if (!root || yaml_kind(root) != YAML_MAPPING)
		return yaml_error(y, root, e,
				  "a mapping is expected here, with the key 'impairments'");
	if (yaml_only_keys(y, root, exec_keys, e) == -1 ||
	    yaml_read_params(y, root, top_params, c, e) == -1)
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

size_t config_disabled(const struct config *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += !c->proxy[i].enabled;
	return n;
}

size_t config_impairments(const struct config *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++)
		n += c->impairments_ops->count(c->proxy[i].impairments);
	return n;
}
