/* upstream_map.c - reads rules with the errors of a user's option, and looks one up. */
#include "proxy/engine/upstream_map.h"

#include "proxy/base/mem.h"

#include <string.h>

/* Cuts the port off "HOST:PORT", "[HOST]:PORT" or "[HOST]". Without brackets 2001:db8::7:443 would
 * be read as an address where an address with a port is meant, and is refused; a network is not. */
static int cut_port(char *text, char **host, uint16_t *port, struct err *e)
{
	char *end = *text == '[' ? strchr(text, ']') : NULL;
	char *colon = end ? end + 1 : strchr(text, ':');
	bool bare = !end && colon && strchr(colon + 1, ':');
	unsigned number;
	int used = 0;

	if (bare && !strchr(text, '/'))
		return err_set(
		    e,
		    "'%.80s' needs brackets around its IPv6 address: [2001:db8::7]:443, or "
		    "[2001:db8::7] for every port",
		    text);
	*host = text + (end ? 1 : 0);
	*port = 0;
	if (end)
		*end = '\0';
	if (bare || !colon || !*colon)
		return 0;
	if (*colon != ':' || sscanf(colon + 1, "%5u%n", &number, &used) != 1 || colon[1 + used] ||
	    strspn(colon + 1, "0123456789") != strlen(colon + 1) || number < 1 || number > 65535)
		return err_set(e, "'%.40s' is no port; one is from 1 to 65535",
			       colon + (*colon == ':'));
	*colon = '\0';
	*port = (uint16_t)number;
	return 0;
}

static int read_from(struct upstream_rule *r, char *text, struct err *e)
{
	char *host;

	if (cut_port(text, &host, &r->port, e) == -1)
		return -1;
	r->any_address = host == text && !*host && r->port;
	if (r->any_address || cidr_parse(host, &r->from, NULL) == 0)
		return 0;
	return err_set(e,
		       "'%.80s' is no destination; 192.0.2.7, 192.0.2.7:443, 192.0.2.0/24:443, "
		       "[2001:db8::7]:443 or :443 would be one",
		       host);
}

static int read_to(struct upstream_rule *r, char *text, struct err *e)
{
	struct addr a;
	char *host;

	if (cut_port(text, &host, &r->to.port, e) == -1)
		return -1;
	r->to_name = addr_parse_host(host, 1, &a, NULL) == -1;
	if (strlen(host) >= sizeof(r->to.host) || (r->to_name && !host_name_valid(host)))
		return err_set(e,
			       "'%.80s' is no host; 192.0.2.9, 192.0.2.9:8443, [2001:db8::9]:8443 "
			       "or db.example:5432 would be one",
			       host);
	if (!r->to_name && addr_is_any(&a))
		return err_set(e, "%.80s is every address, not one to connect to", host);
	snprintf(r->to.host, sizeof(r->to.host), "%s", host);
	return 0;
}

int upstream_map_add(struct upstream_map *m, const char *from, const char *to, struct err *e)
{
	char *from_copy = xstrdup(from), *to_copy = xstrdup(to);
	struct upstream_rule r = {0};
	int rc = 0;

	if (m->n == UPSTREAM_RULES_MAX)
		rc = err_set(e, "more than %d destinations", UPSTREAM_RULES_MAX);
	if (rc == 0)
		rc = read_from(&r, from_copy, e);
	if (rc == 0)
		rc = read_to(&r, to_copy, e);
	if (rc == 0) {
		m->rule = xrealloc(m->rule, m->n + 1, sizeof(*m->rule));
		m->rule[m->n++] = r;
	}
	free(from_copy);
	free(to_copy);
	return rc;
}

int upstream_map_parse(struct upstream_map *m, const char *text, struct err *e)
{
	const char *equals = strchr(text, '=');
	char *from;
	int rc;

	if (!equals)
		return err_set(e,
			       "'%.80s' lacks '='; 192.0.2.7:443=127.0.0.1:8443 sends what wants "
			       "to go to the first to the second",
			       text);
	from = xasprintf("%.*s", (int)(equals - text), text);
	rc = upstream_map_add(m, from, equals + 1, e);
	free(from);
	return rc;
}

static bool rule_fits(const struct upstream_rule *r, const struct addr *orig_dst)
{
	return (r->port == 0 || r->port == addr_port(orig_dst)) &&
	       (r->any_address || cidr_contains(&r->from, orig_dst));
}

bool upstream_map_find(const struct upstream_map *m, const struct addr *orig_dst,
		       struct host_port *to)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct upstream_rule *r = &m->rule[i];

		if (!rule_fits(r, orig_dst))
			continue;
		*to = r->to;
		if (to->port == 0)
			to->port = addr_port(orig_dst);
		return true;
	}
	return false;
}

static bool rules_equal(const struct upstream_rule *a, const struct upstream_rule *b)
{
	if (a->any_address != b->any_address || a->port != b->port || a->to.port != b->to.port ||
	    strcmp(a->to.host, b->to.host) != 0)
		return false;
	return a->any_address ||
	       (a->from.prefix == b->from.prefix && addr_equal(&a->from.base, &b->from.base));
}

bool upstream_map_equal(const struct upstream_map *a, const struct upstream_map *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!rules_equal(&a->rule[i], &b->rule[i]))
			return false;
	return true;
}

struct upstream_map upstream_map_copy(const struct upstream_map *m)
{
	struct upstream_map copy = {.n = m->n};

	if (m->n) {
		copy.rule = xcalloc(m->n, sizeof(*copy.rule));
		memcpy(copy.rule, m->rule, m->n * sizeof(*copy.rule));
	}
	return copy;
}

void upstream_map_free(struct upstream_map *m)
{
	free(m->rule);
	*m = (struct upstream_map){0};
}
