/* load_traffic.c - the ends of one traffic, then its siblings, which take the main one as their
 * model. */
#include "scenarios/scenario/load_traffic.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "proxy/base/param.h"
#include "proxy/base/units.h"
#include "scenarios/scenario/load_hosts.h"
#include "scenarios/workload/registry.h"

#include <string.h>

#define MAIN_PORT	  80
#define DEFAULT_SIBLING	  "sibling"
#define SIBLING_EXCHANGES 60 /* of the sibling that a scenario without "siblings:" gets */
#define SIBLING_THINK	  "20ms"

/* Keys of a role that are no parameters of a workload. */
static const char *const role_keys[] = {"app",	"command", "port", "ready_after",
					"host", "hosts",   NULL};

static bool is_role_key(const char *key)
{
	for (const char *const *k = role_keys; *k; k++)
		if (strcmp(*k, key) == 0)
			return true;
	return false;
}

static int load_port(struct loader *l, struct yaml_node *n, uint16_t *port)
{
	const char *text = load_text(l, n, "the port");
	uint64_t value;

	if (!text)
		return -1;
	if (parse_count(text, &value, NULL) == -1 || value < 1 || value > 65535)
		return yaml_error(l->y, n, l->e, "'%.40s' is no port; from 1 to 65535 are accepted",
				  text);
	*port = (uint16_t)value;
	return 0;
}

static int load_app(struct loader *l, struct yaml_node *n, const struct workload **app)
{
	const char *name = load_text(l, n, "the workload"), *near;
	const char *names[64];
	size_t count = 0;

	if (!name)
		return -1;
	*app = workload_find(name);
	if (*app)
		return 0;
	for (; count < ARRAY_LEN(names) - 1 && workloads[count]; count++)
		names[count] = workloads[count]->name;
	names[count] = NULL;
	near = nearest_name(name, names);
	return yaml_error(l->y, n, l->e,
			  "there is no workload '%.40s'; accepted: %s%s, or command: [...] for "
			  "a program of your own",
			  name, near ? near : workloads[0]->name,
			  count > 1 && !near ? ", ..." : "");
}

/* Loads the keys that choose a role's program, before any parameter is read. */
static int load_program(struct loader *l, struct yaml_node *n, struct traffic *t, bool server,
			const struct workload **app)
{
	struct role_spec *r = server ? &t->server : &t->client;
	struct yaml_node *command, *node;

	if (yaml_kind(n) != YAML_MAPPING)
		return yaml_error(l->y, n, l->e,
				  "a mapping is expected: {app: rpc, ...} or {command: [...]}");
	command = yaml_get(l->y, n, "command");
	node = yaml_get(l->y, n, "app");
	if (command && node)
		return yaml_error(l->y, node, l->e, "either app or command, not both");
	if (node && load_app(l, node, app) == -1)
		return -1;
	if (command && load_argv(l, command, &r->argv) == -1)
		return -1;
	node = yaml_get(l->y, n, "port");
	if (node && !server)
		return yaml_error(l->y, node, l->e, "the port belongs to the server");
	if (node && load_port(l, node, &t->port) == -1)
		return -1;
	if (load_role_hosts(l, n, r, server) == -1)
		return -1;
	node = yaml_get(l->y, n, "ready_after");
	if (!node)
		return 0;
	if (!command || !server)
		return yaml_error(l->y, node, l->e, "ready_after belongs to a server's command");
	if (parse_duration(yaml_text(l->y, node), &r->ready_after, l->e) == -1)
		return yaml_error_wrap(l->y, node, l->e);
	return 0;
}

/* Returns whether the file sweeps a parameter of that name, whosever it is. */
static bool is_swept(struct loader *l, const char *name)
{
	struct yaml_node *sweep = yaml_get(l->y, yaml_root(l->y), "sweep");
	const char *dot = NULL;

	if (sweep && yaml_kind(sweep) == YAML_MAPPING && yaml_count(sweep))
		dot = strrchr(yaml_key(l->y, sweep, 0), '.');
	return dot && strcmp(dot + 1, name) == 0;
}

/* Refuses keys that have no effect without another one, which isn't there. */
static int check_needed(struct loader *l, struct yaml_node *n, const struct traffic *t, bool server)
{
	const struct param *table = workload_params(t->app, server);
	const void *cfg = server ? t->server.cfg : t->client.cfg;

	for (size_t i = 0; i < yaml_count(n); i++) {
		const struct param *p = param_find(table, yaml_key(l->y, n, i));
		const struct param *lacks = p ? param_lacks(table, p, cfg) : NULL;

		if (lacks && !yaml_get(l->y, n, lacks->name) && !is_swept(l, lacks->name))
			return yaml_error(l->y, yaml_key_node(n, i), l->e,
					  "%s has no effect without %s", p->name, lacks->name);
	}
	return 0;
}

int load_role_params(struct loader *l, struct yaml_node *n, struct traffic *t, bool server)
{
	if (yaml_kind(n) != YAML_MAPPING)
		return yaml_error(l->y, n, l->e, "a mapping of parameters is expected");
	for (size_t i = 0; i < yaml_count(n); i++) {
		const char *key = yaml_key(l->y, n, i);
		char *value;
		int rc;

		if (is_role_key(key))
			continue;
		value = load_joined(l, yaml_value(n, i));
		if (!value)
			return -1;
		rc = traffic_set_param(t, server, key, value, l->e);
		free(value);
		if (rc == -1)
			return yaml_error_wrap(l->y,
					       param_find(workload_params(t->app, server), key)
						   ? yaml_value(n, i)
						   : yaml_key_node(n, i),
					       l->e);
	}
	return (server ? t->server.cfg : t->client.cfg) ? check_needed(l, n, t, server) : 0;
}

/* Gives the built-in ends of a traffic a configuration: the model's if it has one, else defaults.
 */
static void fill_roles(struct traffic *t, const struct traffic *model)
{
	for (int server = 0; server < 2; server++) {
		struct role_spec *r = server ? &t->server : &t->client;
		const struct role_spec *m = model ? server ? &model->server : &model->client : NULL;
		const struct param *table;
		size_t size;

		if (r->argv || !t->app)
			continue;
		table = workload_params(t->app, server);
		size = server ? t->app->server_size : t->app->client_size;
		r->cfg = xcalloc(1, size);
		if (m && m->cfg && model->app == t->app)
			param_copy(table, r->cfg, m->cfg, size);
		else
			param_defaults(table, r->cfg);
	}
}

/* Loads both ends of one traffic; client and server may be NULL for a sibling, which then does as
 * the model does. */
static int load_ends(struct loader *l, struct yaml_node *at, struct yaml_node *client,
		     struct yaml_node *server, const struct traffic *model, struct traffic *t)
{
	const struct workload *apps[2] = {NULL, NULL};

	if (client && load_program(l, client, t, false, &apps[0]) == -1)
		return -1;
	if (server && load_program(l, server, t, true, &apps[1]) == -1)
		return -1;
	if (apps[0] && apps[1] && apps[0] != apps[1])
		return yaml_error(l->y, server, l->e,
				  "client and server are one workload, not %s and %s",
				  apps[0]->name, apps[1]->name);
	t->app = apps[0] ? apps[0] : apps[1] ? apps[1] : t->app;
	if (!t->app && !(t->client.argv && t->server.argv))
		return yaml_error(l->y, at, l->e,
				  "who plays the %s? {app: rpc, ...} or {command: [...]}",
				  t->client.argv ? "server" : "client");
	fill_roles(t, model);
	if (client && load_role_params(l, client, t, false) == -1)
		return -1;
	if (server && load_role_params(l, server, t, true) == -1)
		return -1;
	if (traffic_check(t, l->e) == -1)
		return yaml_error_wrap(l->y, at, l->e);
	return 0;
}

static struct traffic *add_traffic(struct loader *l, char *name)
{
	struct traffic *t;

	l->traffic = xrealloc(l->traffic, l->ntraffic + 1, sizeof(*l->traffic));
	t = &l->traffic[l->ntraffic++];
	*t = (struct traffic){.name = name, .leader = l->ntraffic - 1};
	role_place(&t->client, HOST_CLIENT);
	role_place(&t->server, HOST_SERVER);
	return t;
}

/* The port behind that of the last traffic that has its own. */
static uint16_t free_port(const struct loader *l)
{
	size_t i = l->ntraffic - 1;
	uint16_t last;

	while (l->traffic[i].leader != i)
		i--;
	last = l->traffic[i].port;
	return last == UINT16_MAX ? 1 : (uint16_t)(last + 1);
}

/* Adds the quiet companion that every scenario has: the main traffic's program, few exchanges,
 * unimpaired. */
static void default_sibling(struct loader *l)
{
	uint16_t port = free_port(l);
	struct traffic *t = add_traffic(l, xstrdup(DEFAULT_SIBLING));
	const struct traffic *model = &l->traffic[0];
	bool like_main = !model->client.argv && !model->server.argv;
	const struct param *p;

	t->port = port;
	t->until_main = true;
	t->app = like_main ? model->app : workload_find("rpc");
	fill_roles(t, like_main ? model : NULL);
	p = param_find(t->app->client_params, "exchanges");
	if (p && p->type == PARAM_COUNT) {
		uint64_t *n = (uint64_t *)(void *)((char *)t->client.cfg + p->offset);

		if (*n > SIBLING_EXCHANGES)
			*n = SIBLING_EXCHANGES;
	}
	p = param_find(t->app->client_params, "think");
	if (p && p->type == PARAM_DURATION)
		BUG_ON(param_set(p, t->client.cfg, SIBLING_THINK, NULL) == -1);
}

/* Hosts and traffics are named in the same places. */
static int check_sibling_name(struct loader *l, struct yaml_node *key, const char *name)
{
	static const char *const reserved[] = {"main", "client", "server", "lab", "hosts", NULL};

	for (const char *const *word = reserved; *word; word++)
		if (strcmp(name, *word) == 0)
			return yaml_error(l->y, key, l->e, "'%s' can't be a sibling's name", name);
	if (host_list_find(&l->hosts, name) != -1)
		return yaml_error(l->y, key, l->e,
				  "'%s' is a host's name already; hosts and traffics differ in "
				  "their names",
				  name);
	for (size_t i = 0; i + 1 < l->ntraffic; i++)
		if (strcmp(l->traffic[i].name, name) == 0)
			return yaml_error(l->y, key, l->e, "there is a traffic '%s' already", name);
	return 0;
}

static int load_sibling(struct loader *l, struct yaml_node *key, struct yaml_node *n)
{
	static const char *const keys[] = {"port",	 "app",	   "client", "server",
					   "until_main", "behind", NULL};
	uint16_t port = free_port(l);
	struct yaml_node *node;
	struct traffic *t;
	char *name;

	if (load_name(l, key, "traffic", &name) == -1)
		return -1;
	t = add_traffic(l, name);
	t->port = port;
	t->until_main = true;
	t->app = l->traffic[0].app;
	if (check_sibling_name(l, key, name) == -1 || yaml_only_keys(l->y, n, keys, l->e) == -1)
		return -1;
	if (yaml_get(l->y, n, "behind") && load_behind(l, n) == -1)
		return -1;
	node = yaml_get(l->y, n, "port");
	if (node && load_port(l, node, &t->port) == -1)
		return -1;
	node = yaml_get(l->y, n, "app");
	if (node && load_app(l, node, &t->app) == -1)
		return -1;
	node = yaml_get(l->y, n, "until_main");
	if (node && load_flag(l, node, &t->until_main) == -1)
		return -1;
	if (load_ends(l, key, yaml_get(l->y, n, "client"), yaml_get(l->y, n, "server"),
		      &l->traffic[t->leader == l->ntraffic - 1 ? 0 : t->leader], t) == -1)
		return -1;
	if (t->leader != l->ntraffic - 1)
		return check_behind(l, key);
	for (size_t i = 0; i + 1 < l->ntraffic; i++)
		if (traffic_collides(&l->traffic[i], t))
			return yaml_error(l->y, key, l->e,
					  "port %u is already that of '%s'; only a server on "
					  "another host can have it: server: {host: ANOTHER}",
					  t->port, l->traffic[i].name);
	return 0;
}

int load_traffic(struct loader *l, struct yaml_node *root)
{
	struct yaml_node *client = yaml_get(l->y, root, "client");
	struct yaml_node *server = yaml_get(l->y, root, "server");
	struct yaml_node *siblings = yaml_get(l->y, root, "siblings");
	struct traffic *t = add_traffic(l, xstrdup("main"));

	t->port = MAIN_PORT;
	if (load_ends(l, client, client, server, NULL, t) == -1)
		return -1;
	if (!siblings && host_list_find(&l->hosts, DEFAULT_SIBLING) != -1)
		return yaml_error(l->y, yaml_get(l->y, root, "hosts"), l->e,
				  "a scenario without siblings: has a traffic '%s', which can't be "
				  "a host's name too",
				  DEFAULT_SIBLING);
	if (!siblings) {
		default_sibling(l);
		return 0;
	}
	if (yaml_kind(siblings) != YAML_MAPPING)
		return yaml_error(l->y, siblings, l->e,
				  "a mapping is expected, NAME: {port: N, ...}; {} for none");
	for (size_t i = 0; i < yaml_count(siblings); i++)
		if (load_sibling(l, yaml_key_node(siblings, i), yaml_value(siblings, i)) == -1)
			return -1;
	return 0;
}
