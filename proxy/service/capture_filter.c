/* capture_filter.c - one term for each thing that is added, none twice, joined by "or". */
#include "proxy/service/capture_filter.h"

#include "proxy/base/mem.h"

#include <arpa/inet.h>
#include <string.h>

/* More terms would not fit into the kernel's filter (4096 instructions). */
#define TERMS_MAX 64

#define EVERY_SEGMENT "tcp"

void capture_filter_free(struct capture_filter *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->term[i]);
	free(f->term);
	*f = (struct capture_filter){NULL, 0, 0};
}

/* Takes over term. */
static void add_term(struct capture_filter *f, char *term)
{
	for (size_t i = 0; i < f->n; i++)
		if (strcmp(f->term[i], term) == 0) {
			free(term);
			return;
		}
	if (f->n == f->room) {
		f->room = f->room ? 2 * f->room : 8;
		f->term = xrealloc(f->term, f->room, sizeof(*f->term));
	}
	f->term[f->n++] = term;
}

void capture_filter_all(struct capture_filter *f)
{
	add_term(f, xstrdup(EVERY_SEGMENT));
}

/* Leaves out the zone of a link-local address, which a packet doesn't have. */
static const char *bare_host(const struct addr *a, char buf[ADDR_TEXT])
{
	addr_format_host(a, buf);
	buf[strcspn(buf, "%")] = '\0';
	return buf;
}

void capture_filter_address(struct capture_filter *f, const struct addr *a)
{
	char host[ADDR_TEXT];
	struct addr bare = *a;
	bool any;

	addr_unmap(&bare);
	any = addr_is_any(&bare);
	bare_host(&bare, host);
	if (addr_port(&bare) == 0)
		add_term(f, any ? xstrdup(EVERY_SEGMENT) : xasprintf("tcp and host %s", host));
	else if (any)
		add_term(f, xasprintf("tcp port %u", addr_port(&bare)));
	else
		add_term(f, xasprintf("tcp port %u and host %s", addr_port(&bare), host));
}

void capture_filter_server(struct capture_filter *f, const struct host_port *server)
{
	struct addr literal;

	if (addr_parse_host(server->host, server->port, &literal, NULL) == 0)
		capture_filter_address(f, &literal);
	else
		add_term(f, xasprintf("tcp port %u", server->port));
}

/* libpcap refuses a network with bits behind its prefix. */
static void clear_host_bits(struct addr *a, unsigned prefix)
{
	bool v4 = a->sa.sa_family == AF_INET;
	uint8_t *bytes = v4 ? (uint8_t *)&a->in.sin_addr : a->in6.sin6_addr.s6_addr;

	for (unsigned bit = prefix; bit < (v4 ? 32 : 128); bit++)
		bytes[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

void capture_filter_intercept(struct capture_filter *f, const struct intercept_match *intercept)
{
	char *text = NULL, host[ADDR_TEXT];
	size_t len;
	FILE *out = xopen_memstream(&text, &len);

	fputs(EVERY_SEGMENT, out);
	for (size_t i = 0; i < intercept->nports; i++)
		fprintf(out, "%sportrange %u-%u", i ? " or " : " and (", intercept->ports[i].first,
			intercept->ports[i].last);
	fputs(intercept->nports ? ")" : "", out);
	for (size_t i = 0; i < intercept->nto; i++) {
		struct cidr net = intercept->to[i];

		clear_host_bits(&net.base, net.prefix);
		fprintf(out, "%snet %s/%u", i ? " or " : " and (", bare_host(&net.base, host),
			net.prefix);
	}
	fputs(intercept->nto ? ")" : "", out);
	xclose_memstream(out);
	add_term(f, text);
}

char *capture_filter_text(const struct capture_filter *f)
{
	char *text = NULL;
	size_t len;
	FILE *out;

	if (f->n == 0 || f->n > TERMS_MAX)
		return xstrdup(CAPTURE_FILTER_ALL);
	out = xopen_memstream(&text, &len);
	fputs(CAPTURE_FILTER_ICMP, out);
	for (size_t i = 0; i < f->n; i++)
		fprintf(out, " or (%s)", f->term[i]);
	xclose_memstream(out);
	return text;
}
