/* config_place.c - a listener has an address, a forwarding proxy a server, an intercepting one a
 * match; proxies of different modes never meet. */
#include "proxy/config/config_place.h"

#include "proxy/base/mem.h"

int config_place_server(struct config_proxy *p, const char *text, struct err *e)
{
	if (addr_parse_host(text, 0, &p->server, NULL) == -1 &&
	    addr_parse(text, &p->server, NULL) == -1)
		return err_set(
		    e,
		    "'%.80s' is no address; 192.0.2.1, 192.0.2.1:80, [2001:db8::1]:80 or "
		    ":80 would be one",
		    text);
	if (addr_is_any(&p->server) && addr_port(&p->server) == 0)
		return err_set(e, "'%.80s' is every connection; an address or a port is needed",
			       text);
	return 0;
}

/* A user who forgets the restriction would lose the very connection that he types over. */
static int check_restricted(const struct config_proxy *p, struct err *e)
{
	if (*p->port_text || *p->to_text || *p->user_text)
		return 0;
	return err_set(e, "without port, to or user every connection that this host opens would be "
			  "redirected, ssh too; port 1-65535 says so");
}

int config_place_intercept(struct config_proxy *p, const char **at, struct err *e)
{
	struct intercept_match *s = &p->intercept;

	*s = (struct intercept_match){0};
	*at = "in";
	if (p->mode == PROXY_TRANSPARENT && intercept_match_interface(s, p->in_text, e) == -1)
		return -1;
	*at = "user";
	if (intercept_match_user(s, p->user_text, e) == -1)
		return -1;
	*at = "port";
	if (p->mode == PROXY_REDIRECT && check_restricted(p, e) == -1)
		return -1;
	if (intercept_match_ports(s, p->port_text, e) == -1)
		return -1;
	*at = "to";
	return intercept_match_to(s, p->to_text, e);
}

/* Port 0 is a new port each time. */
static bool addresses_meet(const struct addr *a, const struct addr *b)
{
	bool any_a = addr_is_any(a), any_b = addr_is_any(b);

	if (addr_port(a) != addr_port(b) || addr_port(a) == 0)
		return false;
	if (any_a && any_b)
		return true;
	if (any_a || any_b) {
		const struct addr *any = any_a ? a : b, *other = any_a ? b : a;

		return any->sa.sa_family == AF_INET6 || other->sa.sa_family == AF_INET;
	}
	return addr_equal(a, b);
}

/* Port 0 is every port. */
static bool servers_meet(const struct addr *a, const struct addr *b)
{
	struct addr x = *a, y = *b;

	if (addr_port(a) && addr_port(b) && addr_port(a) != addr_port(b))
		return false;
	addr_set_port(&x, 1);
	addr_set_port(&y, 1);
	return addresses_meet(&x, &y);
}

bool config_places_meet(const struct config_proxy *a, const struct config_proxy *b)
{
	if (a->mode != b->mode)
		return false;
	if (a->mode == PROXY_TRANSPARENT || a->mode == PROXY_REDIRECT)
		return intercept_match_overlap(&a->intercept, &b->intercept);
	return a->mode == PROXY_FORWARD ? servers_meet(&a->server, &b->server)
					: addresses_meet(&a->listen, &b->listen);
}

char *config_place_text(const struct config_proxy *p)
{
	if (p->mode == PROXY_TRANSPARENT || p->mode == PROXY_REDIRECT)
		return intercept_match_text(&p->intercept);
	return xstrdup(p->mode == PROXY_FORWARD ? p->server_text : p->listen_text);
}
