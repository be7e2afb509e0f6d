/* toxi_address.c - splits a text as net.SplitHostPort does. */
#include "proxy/api/toxi_address.h"

#include "proxy/base/mem.h"
#include "proxy/config/place_words.h"

#include <string.h>
#include <strings.h>

struct parts {
	char host[256], port[64];
};

static int refuse_address(const char *text, const char *why, struct err *e)
{
	return err_set(e, "address %s: %s", text, why);
}

static int copy_part(char *to, size_t room, const char *from, size_t n, const char *text,
		     struct err *e)
{
	if (n >= room)
		return refuse_address(text, "too long", e);
	memcpy(to, from, n);
	to[n] = '\0';
	return 0;
}

static int split_bracketed(const char *text, struct parts *p, struct err *e)
{
	const char *end = strchr(text, ']');

	if (!end)
		return refuse_address(text, "missing ']' in address", e);
	if (end[1] != ':')
		return refuse_address(text, "missing port in address", e);
	if (strchr(end + 2, ':'))
		return refuse_address(text, "too many colons in address", e);
	if (copy_part(p->host, sizeof(p->host), text + 1, (size_t)(end - text - 1), text, e) == -1)
		return -1;
	return copy_part(p->port, sizeof(p->port), end + 2, strlen(end + 2), text, e);
}

static int split_text(const char *text, struct parts *p, struct err *e)
{
	const char *colon = strrchr(text, ':');

	*p = (struct parts){.port = "0"};
	if (!*text)
		return 0;
	if (*text == '[')
		return split_bracketed(text, p, e);
	if (!colon)
		return refuse_address(text, "missing port in address", e);
	if (colon != strchr(text, ':'))
		return refuse_address(text, "too many colons in address", e);
	if (copy_part(p->host, sizeof(p->host), text, (size_t)(colon - text), text, e) == -1)
		return -1;
	return copy_part(p->port, sizeof(p->port), colon + 1, strlen(colon + 1), text, e);
}

static int find_port(const char *text, uint16_t *port, struct err *e)
{
	*port = 0;
	if (!*text || port_parse(text, port))
		return 0;
	if (strspn(text, "-+0123456789") == strlen(text))
		return err_set(e, "address %s: invalid port", text);
	return err_set(e, "lookup tcp/%s: unknown port", text);
}

/* The address of a host's text; without one any address of its family, or of both: the socket then
 * takes IPv4 as well, as Go's does. */
static int find_host(const char *host, uint16_t port, struct addr *a, struct err *e)
{
	if (!*host)
		return addr_parse_host("::", port, a, e);
	if (strcasecmp(host, "localhost") == 0)
		return addr_parse_host("127.0.0.1", port, a, e);
	if (addr_parse_host(host, port, a, NULL) == -1)
		return err_set(e, "lookup %s: no such host", host);
	return 0;
}

int toxi_listen_parse(const char *text, struct addr *a, struct err *e)
{
	struct parts p;
	uint16_t port;

	if (split_text(text, &p, e) == -1 || find_port(p.port, &port, e) == -1 ||
	    find_host(p.host, port, a, e) == -1)
		return -1;
	return a->sa.sa_family == AF_INET && addr_is_any(a) ? addr_parse_host("::", port, a, e) : 0;
}

char *toxi_listen_resolved(const char *text, char buf[TOXI_ADDRESS_TEXT])
{
	char printed[ADDR_TEXT];
	struct addr a;
	struct parts p;
	uint16_t port;
	struct err e;

	if (split_text(text, &p, &e) == -1 || find_port(p.port, &port, &e) == -1 ||
	    find_host(p.host, port, &a, &e) == -1)
		snprintf(buf, TOXI_ADDRESS_TEXT, "%s", "");
	else if (!*p.host)
		snprintf(buf, TOXI_ADDRESS_TEXT, ":%u", port);
	else
		snprintf(buf, TOXI_ADDRESS_TEXT, "%s", addr_format(&a, printed));
	return buf;
}

struct host_port toxi_upstream(const char *text)
{
	static const struct host_port nobody = {.host = "127.0.0.1"};
	struct host_port hp;
	struct err e;

	return upstream_place_parse(text, &hp, &e) == 0 ? hp : nobody;
}

char *toxi_upstream_text(const struct host_port *hp)
{
	return xasprintf(strchr(hp->host, ':') ? "[%s]:%u" : "%s:%u", hp->host, hp->port);
}
