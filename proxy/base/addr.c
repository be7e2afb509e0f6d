/* addr.c - IPv4 and IPv6 texts by the C library; ports and brackets by hand. */
#include "proxy/base/addr.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <net/if.h>
#include <netdb.h>
#include <string.h>

#define NUMBER_NONE UINT32_MAX

enum { LABEL_MAX = 63 }; /* RFC 1035, section 2.3.4 */

/* All of text as a number up to max, else NUMBER_NONE. */
static uint32_t read_number(const char *text, uint32_t max)
{
	uint32_t n = 0;

	if (!*text)
		return NUMBER_NONE;
	for (; *text; text++) {
		if (!isdigit((unsigned char)*text))
			return NUMBER_NONE;
		n = n * 10 + (uint32_t)(*text - '0');
		if (n > max)
			return NUMBER_NONE;
	}
	return n;
}

bool port_parse(const char *text, uint16_t *port)
{
	const struct servent *service =
	    isalpha((unsigned char)*text) ? getservbyname(text, "tcp") : NULL;
	uint32_t number =
	    service ? ntohs((uint16_t)service->s_port) : read_number(text, UINT16_MAX);

	*port = (uint16_t)number;
	return number != NUMBER_NONE;
}

static bool parse_ipv4(const char *text, uint16_t port, struct addr *a)
{
	memset(a, 0, sizeof(*a));
	a->in.sin_family = AF_INET;
	a->in.sin_port = htons(port);
	a->len = sizeof(a->in);
	return inet_pton(AF_INET, text, &a->in.sin_addr) == 1;
}

/* With an optional scope: "fe80::1%eth0", "fe80::1%2". */
static bool parse_ipv6(const char *text, uint16_t port, struct addr *a)
{
	char host[INET6_ADDRSTRLEN];
	const char *scope = strchr(text, '%');
	size_t len = scope ? (size_t)(scope - text) : strlen(text);

	memset(a, 0, sizeof(*a));
	a->in6.sin6_family = AF_INET6;
	a->in6.sin6_port = htons(port);
	a->len = sizeof(a->in6);
	if (len >= sizeof(host))
		return false;
	memcpy(host, text, len);
	host[len] = '\0';
	if (scope) {
		uint32_t id = read_number(scope + 1, INT32_MAX);

		a->in6.sin6_scope_id = id == NUMBER_NONE ? if_nametoindex(scope + 1) : id;
		if (a->in6.sin6_scope_id == 0)
			return false;
	}
	return inet_pton(AF_INET6, host, &a->in6.sin6_addr) == 1;
}

int addr_parse_host(const char *text, uint16_t port, struct addr *a, struct err *e)
{
	if (parse_ipv4(text, port, a) || parse_ipv6(text, port, a))
		return 0;
	return err_set(e, "'%s' is not an address; 192.0.2.1 or 2001:db8::1 would be one", text);
}

/* Splits at the port's colon: host gets what stands before it, without brackets. */
static int split_host_port(const char *text, char *host, size_t room, uint16_t *port,
			   bool *bracketed, struct err *e)
{
	const char *end, *start = text;

	*bracketed = *text == '[';
	if (*bracketed) {
		start = text + 1;
		end = strchr(text, ']');
		if (!end)
			return err_set(e, "'%s' has no closing ']'", text);
	} else {
		end = strchr(text, ':');
		if (end && strchr(end + 1, ':'))
			return err_set(e,
				       "'%s' needs brackets around its IPv6 address, such as "
				       "[2001:db8::1]:80",
				       text);
	}
	if (!end || end[*bracketed] != ':')
		return err_set(e, "'%s' has no port; it would end in ':80', for instance", text);
	if (!port_parse(end + *bracketed + 1, port))
		return err_set(e,
			       "'%s' has no valid port; one is a number from 0 to 65535, or a "
			       "name of /etc/services",
			       text);
	if ((size_t)(end - start) >= room)
		return err_set(e, "'%.60s...' has a host of more than %zu characters", text,
			       room - 1);
	memcpy(host, start, (size_t)(end - start));
	host[end - start] = '\0';
	return 0;
}

int addr_parse(const char *text, struct addr *a, struct err *e)
{
	char host[ADDR_TEXT];
	bool bracketed;
	uint16_t port;

	if (split_host_port(text, host, sizeof(host), &port, &bracketed, e) == -1)
		return -1;
	if (!*host && !bracketed && parse_ipv6("::", port, a))
		return 0;
	if (bracketed ? parse_ipv6(host, port, a) : parse_ipv4(host, port, a))
		return 0;
	return err_set(e,
		       "'%s' is not an address with a port; 192.0.2.1:80, [2001:db8::1]:80 or :80 "
		       "would be one",
		       text);
}

char *addr_format_host(const struct addr *a, char buf[ADDR_TEXT])
{
	char host[INET6_ADDRSTRLEN] = "?";

	if (a->sa.sa_family == AF_INET)
		inet_ntop(AF_INET, &a->in.sin_addr, host, sizeof(host));
	else if (a->sa.sa_family == AF_INET6)
		inet_ntop(AF_INET6, &a->in6.sin6_addr, host, sizeof(host));
	if (a->sa.sa_family == AF_INET6 && a->in6.sin6_scope_id)
		snprintf(buf, ADDR_TEXT, "%s%%%u", host, a->in6.sin6_scope_id);
	else
		snprintf(buf, ADDR_TEXT, "%s", host);
	return buf;
}

char *addr_format(const struct addr *a, char buf[ADDR_TEXT])
{
	char host[ADDR_TEXT];

	addr_format_host(a, host);
	if (a->sa.sa_family == AF_INET6)
		snprintf(buf, ADDR_TEXT, "[%.55s]:%u", host, addr_port(a));
	else
		snprintf(buf, ADDR_TEXT, "%.57s:%u", host, addr_port(a));
	return buf;
}

uint16_t addr_port(const struct addr *a)
{
	if (a->sa.sa_family == AF_INET)
		return ntohs(a->in.sin_port);
	return a->sa.sa_family == AF_INET6 ? ntohs(a->in6.sin6_port) : 0;
}

void addr_set_port(struct addr *a, uint16_t port)
{
	if (a->sa.sa_family == AF_INET)
		a->in.sin_port = htons(port);
	else if (a->sa.sa_family == AF_INET6)
		a->in6.sin6_port = htons(port);
}

bool addr_equal_host(const struct addr *a, const struct addr *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return false;
	if (a->sa.sa_family == AF_INET)
		return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
	return a->sa.sa_family == AF_INET6 && a->in6.sin6_scope_id == b->in6.sin6_scope_id &&
	       memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr, sizeof(struct in6_addr)) == 0;
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
	return addr_equal_host(a, b) && addr_port(a) == addr_port(b);
}

bool addr_is_loopback(const struct addr *a)
{
	if (a->sa.sa_family == AF_INET)
		return ntohl(a->in.sin_addr.s_addr) >> 24 == 127;
	return IN6_IS_ADDR_LOOPBACK(&a->in6.sin6_addr);
}

bool addr_is_any(const struct addr *a)
{
	if (a->sa.sa_family == AF_INET)
		return a->in.sin_addr.s_addr == htonl(INADDR_ANY);
	return a->sa.sa_family == AF_INET6 && IN6_IS_ADDR_UNSPECIFIED(&a->in6.sin6_addr);
}

void addr_unmap(struct addr *a)
{
	struct addr v4 = {.len = sizeof(v4.in)};

	if (a->sa.sa_family != AF_INET6 || !IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr))
		return;
	v4.in.sin_family = AF_INET;
	v4.in.sin_port = a->in6.sin6_port;
	memcpy(&v4.in.sin_addr, a->in6.sin6_addr.s6_addr + 12, sizeof(v4.in.sin_addr));
	*a = v4;
}

static const uint8_t *address_bytes(const struct addr *a, unsigned *bits)
{
	if (a->sa.sa_family == AF_INET) {
		*bits = 32;
		return (const uint8_t *)&a->in.sin_addr;
	}
	*bits = 128;
	return a->in6.sin6_addr.s6_addr;
}

int cidr_parse(const char *text, struct cidr *c, struct err *e)
{
	const char *slash = strchr(text, '/');
	char host[ADDR_TEXT];
	unsigned bits;
	size_t len = slash ? (size_t)(slash - text) : strlen(text);

	if (len < sizeof(host)) {
		memcpy(host, text, len);
		host[len] = '\0';
	}
	if (len >= sizeof(host) || addr_parse_host(host, 0, &c->base, NULL) == -1)
		return err_set(e,
			       "'%s' is not a network; 192.0.2.0/24, 2001:db8::/32 or a single "
			       "address would be one",
			       text);
	address_bytes(&c->base, &bits);
	c->prefix = slash ? read_number(slash + 1, bits) : bits;
	if (c->prefix == NUMBER_NONE)
		return err_set(e, "'%s' has no valid prefix length; one is from 0 to %u", text,
			       bits);
	return 0;
}

bool cidr_contains(const struct cidr *c, const struct addr *a)
{
	struct addr base = c->base, other = *a;
	unsigned prefix = c->prefix, bits, bits2;
	const uint8_t *x, *y;

	addr_unmap(&other);
	if (c->prefix >= 96) {
		addr_unmap(&base);
		prefix -= base.sa.sa_family != c->base.sa.sa_family ? 96 : 0;
	}
	if (base.sa.sa_family != other.sa.sa_family)
		return false;
	x = address_bytes(&base, &bits);
	y = address_bytes(&other, &bits2);
	if (memcmp(x, y, prefix / 8) != 0)
		return false;
	return prefix % 8 == 0 || (x[prefix / 8] ^ y[prefix / 8]) >> (8 - prefix % 8) == 0;
}

bool host_name_valid(const char *name)
{
	static const char accepted[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	struct in_addr numeric;

	/* "127.1" is an address to getaddrinfo(3); no name is of digits only. */
	if (name[strspn(name, "0123456789.")] == '\0')
		return inet_aton(name, &numeric) == 1;
	do {
		size_t len = strspn(name, accepted);

		if (len == 0 || len > LABEL_MAX || *name == '-')
			return false;
		name += len;
	} while (*name == '.' && *++name);
	return !*name;
}

static bool is_host(const char *host, bool bracketed)
{
	struct addr a;

	return bracketed ? parse_ipv6(host, 0, &a) : host_name_valid(host);
}

int host_port_parse(const char *text, struct host_port *hp, struct err *e)
{
	bool bracketed;

	if (split_host_port(text, hp->host, sizeof(hp->host), &hp->port, &bracketed, e) == -1)
		return -1;
	if (!*hp->host)
		return err_set(e, "'%s' has no host; example.org:80 would have one", text);
	if (!is_host(hp->host, bracketed))
		return err_set(e,
			       "'%s' has no valid host; example.org:80, 192.0.2.1:80 or "
			       "[2001:db8::1]:80 would have one",
			       text);
	if (hp->port == 0)
		return err_set(e, "'%s' has port 0; one to connect to is from 1 to 65535", text);
	return 0;
}
