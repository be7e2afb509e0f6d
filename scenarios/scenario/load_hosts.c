/* load_hosts.c - a host is on one side; a role runs on hosts of its own side only. */
#include "scenarios/scenario/load_hosts.h"

#include "proxy/base/mem.h"
#include "proxy/base/nearest.h"
#include "scenarios/scenario/words.h"

#include <string.h>

/* Words that mean something else where a host's name may stand. */
static const char *const reserved[] = {"main", "lab", "wedge", "hosts", NULL};

static int load_side(struct loader *l, struct yaml_node *n, enum host_place *side)
{
	char hint[NEAREST_HINT];
	const char *text = load_text(l, n, "a host's side"), *near;

	if (!text)
		return -1;
	for (int i = 0; host_side_names[i]; i++)
		if (strcmp(text, host_side_names[i]) == 0) {
			*side = (enum host_place)i;
			return 0;
		}
	near = nearest_name(text, host_side_names);
	return yaml_error(l->y, n, l->e, "'%.40s' is no side%s; client or server is accepted", text,
			  nearest_hint(hint, near));
}

static int load_settings(struct loader *l, struct yaml_node *n, struct host *h)
{
	for (size_t i = 0; i < yaml_count(n); i++) {
		const char *key = yaml_key(l->y, n, i), *text;

		if (strcmp(key, "side") == 0)
			continue;
		text = load_text(l, yaml_value(n, i), "a host's setting");
		if (!text)
			return -1;
		if (host_set(h, key, text, l->e) == -1)
			return yaml_error_wrap(l->y,
					       param_find(host_params, key) ? yaml_value(n, i)
									    : yaml_key_node(n, i),
					       l->e);
	}
	return 0;
}

/* Adds a host that the file names first, on the side that it gives. */
static int add_host(struct loader *l, struct yaml_node *key, struct yaml_node *n)
{
	struct yaml_node *node = yaml_get(l->y, n, "side");
	enum host_place side;
	char *name;

	if (load_name(l, key, "host", &name) == -1)
		return -1;
	for (const char *const *word = reserved; *word; word++)
		if (strcmp(name, *word) == 0) {
			free(name);
			return yaml_error(l->y, key, l->e, "'%s' can't be a host's name", *word);
		}
	if (!node || load_side(l, node, &side) == -1) {
		free(name);
		return node ? -1
			    : yaml_error(l->y, key, l->e,
					 "on which side is it? {side: client} or {side: server}");
	}
	if (host_list_count(&l->hosts, side) == HOSTS_MAX) {
		free(name);
		return yaml_error(l->y, key, l->e, "at most %d hosts on a side", HOSTS_MAX);
	}
	host_list_add(&l->hosts, name, side);
	return 0;
}

/* The two hosts that every lab has keep their sides. */
static int check_own_side(struct loader *l, struct yaml_node *n, const struct host *h)
{
	struct yaml_node *node = yaml_get(l->y, n, "side");
	enum host_place side;

	if (!node)
		return 0;
	if (load_side(l, node, &side) == -1)
		return -1;
	if (side == h->side)
		return 0;
	return yaml_error(l->y, node, l->e, "the host '%s' is on the side %s", h->name,
			  host_side_names[h->side]);
}

static int load_host(struct loader *l, struct yaml_node *key, struct yaml_node *n)
{
	int at = host_list_find(&l->hosts, yaml_text(l->y, key));

	if (yaml_kind(n) != YAML_MAPPING)
		return yaml_error(l->y, n, l->e, "a mapping is expected: {side: client, ...}");
	if (at == -1) {
		if (add_host(l, key, n) == -1)
			return -1;
		at = (int)l->hosts.n - 1;
	} else if (check_own_side(l, n, &l->hosts.host[at]) == -1) {
		return -1;
	}
	return load_settings(l, n, &l->hosts.host[at]);
}

int load_hosts(struct loader *l, struct yaml_node *n)
{
	if (yaml_kind(n) != YAML_MAPPING || yaml_count(n) == 0)
		return yaml_error(l->y, n, l->e,
				  "a mapping of hosts is expected: {alice: {side: client}}; leave "
				  "the key out where client and server are enough");
	for (size_t i = 0; i < yaml_count(n); i++)
		if (load_host(l, yaml_key_node(n, i), yaml_value(n, i)) == -1)
			return -1;
	return 0;
}

/* Finds a host that the file has named. */
static int find_host(struct loader *l, struct yaml_node *n, const struct host_list *hosts,
		     size_t *out)
{
	const char *name = load_text(l, n, "a host's name");
	int at;

	if (!name)
		return -1;
	at = host_list_find(hosts, name);
	if (at == -1) {
		host_refuse(hosts, name, l->e);
		return yaml_error_wrap(l->y, n, l->e);
	}
	*out = (size_t)at;
	return 0;
}

int load_host_settings(struct loader *l, struct yaml_node *n, struct host_list *hosts)
{
	if (yaml_kind(n) != YAML_MAPPING || yaml_count(n) == 0)
		return yaml_error(l->y, n, l->e,
				  "a mapping is expected: {alice: {window_scaling: off}}");
	for (size_t i = 0; i < yaml_count(n); i++) {
		struct yaml_node *key = yaml_key_node(n, i), *value = yaml_value(n, i);
		size_t at;

		if (find_host(l, key, hosts, &at) == -1)
			return -1;
		if (yaml_kind(value) != YAML_MAPPING)
			return yaml_error(l->y, value, l->e,
					  "a mapping is expected: {window_scaling: off}");
		if (yaml_get(l->y, value, "side"))
			return yaml_error(l->y, yaml_get(l->y, value, "side"), l->e,
					  "a phase can't move a host to a side");
		if (load_settings(l, value, &hosts->host[at]) == -1)
			return -1;
	}
	return 0;
}

static int place_role(struct loader *l, struct yaml_node *n, struct role_spec *r, bool server)
{
	enum host_place side = server ? HOST_SERVER_SIDE : HOST_CLIENT_SIDE;
	size_t at;

	if (find_host(l, n, &l->hosts, &at) == -1)
		return -1;
	if (l->hosts.host[at].side != side)
		return yaml_error(l->y, n, l->e,
				  "the host '%s' is on the side %s; a %s runs on that of the %ss",
				  l->hosts.host[at].name, host_side_names[l->hosts.host[at].side],
				  host_side_names[side], host_side_names[side]);
	for (size_t i = 0; i < r->nhosts; i++)
		if (r->hosts[i] == at)
			return yaml_error(l->y, n, l->e, "the host '%s' is named twice",
					  l->hosts.host[at].name);
	r->hosts = xrealloc(r->hosts, r->nhosts + 1, sizeof(*r->hosts));
	r->hosts[r->nhosts++] = at;
	return 0;
}

int load_role_hosts(struct loader *l, struct yaml_node *n, struct role_spec *r, bool server)
{
	struct yaml_node *host = yaml_get(l->y, n, "host"), *hosts = yaml_get(l->y, n, "hosts");

	if (host && hosts)
		return yaml_error(l->y, hosts, l->e, "either host or hosts, not both");
	if (hosts && !server)
		return yaml_error(l->y, hosts, l->e,
				  "a client runs on one host: {host: alice}; others are siblings");
	if (hosts && (yaml_kind(hosts) != YAML_SEQUENCE || yaml_count(hosts) == 0))
		return yaml_error(l->y, hosts, l->e,
				  "a server needs at least one host: {hosts: [edge1, edge2]}");
	if (host || hosts)
		r->nhosts = 0;
	if (host)
		return place_role(l, host, r, server);
	for (size_t i = 0; hosts && i < yaml_count(hosts); i++)
		if (place_role(l, yaml_item(hosts, i), r, server) == -1)
			return -1;
	return 0;
}

static int find_leader(struct loader *l, struct yaml_node *n, size_t *out)
{
	char hint[NEAREST_HINT];
	const char *name = load_text(l, n, "a traffic's name"), *near, **names;
	size_t self = l->ntraffic - 1;

	if (!name)
		return -1;
	if (strcmp(name, l->traffic[self].name) == 0)
		return yaml_error(l->y, n, l->e, "'%.40s' can't be behind itself", name);
	names = xcalloc(l->ntraffic, sizeof(*names));
	for (size_t i = 0; i < self; i++) {
		names[i] = l->traffic[i].name;
		if (strcmp(names[i], name) != 0)
			continue;
		free(names);
		*out = i;
		return 0;
	}
	near = nearest_name(name, names);
	free(names);
	return yaml_error(l->y, n, l->e,
			  "behind: there is no traffic '%.40s' above this one%s; accepted are "
			  "main and the siblings that come before",
			  name, nearest_hint(hint, near));
}

int load_behind(struct loader *l, struct yaml_node *n)
{
	static const char *const of_leader[] = {"port", "app", "server", NULL};
	struct yaml_node *node = yaml_get(l->y, n, "behind");
	struct traffic *t = &l->traffic[l->ntraffic - 1];
	const struct traffic *leader;
	size_t at = 0;

	if (find_leader(l, node, &at) == -1)
		return -1;
	leader = &l->traffic[at];
	if (leader->leader != at)
		return yaml_error(l->y, node, l->e,
				  "'%s' is itself behind '%s': stand behind that one", leader->name,
				  l->traffic[leader->leader].name);
	for (const char *const *key = of_leader; *key; key++)
		if (yaml_get(l->y, n, *key))
			return yaml_error(l->y, yaml_get(l->y, n, *key), l->e,
					  "behind '%s' it has that one's %s", leader->name, *key);
	t->leader = at;
	t->port = leader->port;
	t->app = leader->app;
	t->server.argv = words_copy(leader->server.argv);
	free(t->server.hosts);
	t->server.hosts = xcalloc(leader->server.nhosts, sizeof(*t->server.hosts));
	t->server.nhosts = leader->server.nhosts;
	memcpy(t->server.hosts, leader->server.hosts,
	       leader->server.nhosts * sizeof(*t->server.hosts));
	return 0;
}

int check_behind(struct loader *l, struct yaml_node *key)
{
	const struct traffic *t = &l->traffic[l->ntraffic - 1];

	for (size_t i = 0; i + 1 < l->ntraffic; i++) {
		const struct traffic *other = &l->traffic[i];

		if (other->leader == t->leader && other->client.hosts[0] == t->client.hosts[0])
			return yaml_error(
			    l->y, key, l->e,
			    "'%s' and '%s' go through one proxy from one host, and no "
			    "capture could tell them apart: client: {host: ANOTHER}",
			    t->name, other->name);
	}
	return 0;
}
