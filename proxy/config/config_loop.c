/* config_loop.c - follows upstreams from proxy to proxy. A name that only a name server knows is
 * stopped when its first connection comes back (engine_proxy_loops). */
#include "proxy/config/config_loop.h"

#include "proxy/base/sockopt.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HOSTS "/etc/hosts" /* hosts(5) */

static bool accepts_dial(const struct addr *listen, const struct addr *to)
{
	bool any = addr_is_any(listen);

	if (addr_port(listen) == 0 || addr_port(listen) != addr_port(to))
		return false;
	/* A listener of IPv6's any address has IPv4's, too. */
	if (any && listen->sa.sa_family == AF_INET && to->sa.sa_family != AF_INET)
		return false;
	return any ? sock_is_own(to) : addr_equal(listen, to);
}

/* What connect() makes of no address at all: the loopback of its family. */
static void set_loopback(struct addr *to)
{
	const char *loopback = to->sa.sa_family == AF_INET ? "127.0.0.1" : "::1";

	if (addr_is_any(to) && addr_parse_host(loopback, addr_port(to), to, NULL) == -1)
		to->len = 0; /* never: both are addresses */
}

static bool address_leads_to(const char *host, uint16_t port, const struct addr *listen)
{
	struct addr to, own = *listen;

	if (addr_parse_host(host, port, &to, NULL) == -1)
		return false;
	set_loopback(&to);
	addr_unmap(&to);
	addr_unmap(&own);
	return accepts_dial(&own, &to);
}

/* Whether one of the names of a line of /etc/hosts is name; *address is made its address. */
static bool line_has_name(char *line, const char *name, char **address)
{
	char *rest = NULL, *word;

	line[strcspn(line, "#\n")] = '\0';
	*address = strtok_r(line, " \t", &rest);
	while (*address && (word = strtok_r(NULL, " \t", &rest)))
		if (strcasecmp(word, name) == 0)
			return true;
	return false;
}

static bool hosts_lead_to(const struct host_port *hp, const struct addr *listen)
{
	FILE *f = fopen(HOSTS, "re");
	char line[1024], *address;
	bool found = false;

	while (f && !found && fgets(line, sizeof(line), f))
		found = line_has_name(line, hp->host, &address) &&
			address_leads_to(address, hp->port, listen);
	if (f)
		fclose(f);
	return found;
}

/* RFC 6761, 6.3: localhost, and every name below it. */
static bool is_localhost(const char *name)
{
	size_t n = strlen(name), tail = strlen("localhost");

	return n >= tail && strcasecmp(name + n - tail, "localhost") == 0 &&
	       (n == tail || name[n - tail - 1] == '.');
}

static bool leads_to(const struct host_port *hp, const struct addr *listen)
{
	if (is_localhost(hp->host) && (address_leads_to("127.0.0.1", hp->port, listen) ||
				       address_leads_to("::1", hp->port, listen)))
		return true;
	return address_leads_to(hp->host, hp->port, listen) || hosts_lead_to(hp, listen);
}

static const struct config_proxy *next_proxy(const struct config *c, const struct config_proxy *p)
{
	for (size_t i = 0; i < c->n; i++) {
		const struct config_proxy *q = &c->proxy[i];

		if (q->enabled && q->mode == PROXY_EXPLICIT &&
		    addr_port(&q->listen) == p->upstream.port && leads_to(&p->upstream, &q->listen))
			return q;
	}
	return NULL;
}

int config_loop_check(const struct config *c, size_t *at, struct err *e)
{
	char text[ADDR_TEXT];

	for (*at = 0; *at < c->n; (*at)++) {
		const struct config_proxy *p = &c->proxy[*at], *q = p;
		size_t steps = 0;

		if (!p->enabled || p->mode != PROXY_EXPLICIT)
			continue;
		do
			q = next_proxy(c, q);
		while (q && q != p && ++steps < c->n);
		if (q != p)
			continue;
		return err_set(e,
			       "%s:%u leads back%s to %s, where this proxy itself listens: each "
			       "connection would begin another; the server's own address is wanted",
			       p->upstream.host, p->upstream.port,
			       steps ? ", by way of other proxies," : "",
			       addr_format(&p->listen, text));
	}
	return 0;
}
