/* intercept_text.c - nft takes a set of ports in one rule, iptables one range: so rule i of
 * iptables is one of the product of networks and ranges. */
#include "proxy/netfilter/intercept_text.h"

size_t intercept_text_nft_count(const struct intercept_match *s)
{
	return s->nto ? s->nto : 1;
}

const char *intercept_text_nft(FILE *out, const struct intercept_match *s, size_t i)
{
	const struct cidr *to = s->nto ? &s->to[i] : NULL;
	char host[ADDR_TEXT];
	const char *family = "";

	if (*s->interface)
		fprintf(out, "iifname \"%s\" ", s->interface);
	if (s->one_user)
		fprintf(out, "meta skuid %u ", s->user);
	if (to) {
		family = to->base.sa.sa_family == AF_INET6 ? "ip6 " : "ip ";
		fprintf(out, "%sdaddr %s/%u ", family, addr_format_host(&to->base, host),
			to->prefix);
	}
	fputs(s->nports ? "tcp dport { " : "meta l4proto tcp ", out);
	for (size_t k = 0; k < s->nports; k++)
		fprintf(out, "%s%u-%u", k ? ", " : "", s->ports[k].first, s->ports[k].last);
	fputs(s->nports ? " } " : "", out);
	return family;
}

static size_t count_ranges(const struct intercept_match *s)
{
	return s->nports ? s->nports : 1;
}

size_t intercept_text_xtables_count(const struct intercept_match *s)
{
	return count_ranges(s) * (s->nto ? s->nto : 1);
}

bool intercept_text_xtables_is_in(const struct intercept_match *s, size_t i, int family)
{
	return s->nto == 0 || s->to[i / count_ranges(s)].base.sa.sa_family == family;
}

void intercept_text_xtables(FILE *out, const struct intercept_match *s, size_t i)
{
	const struct cidr *to = &s->to[i / count_ranges(s)];
	const struct port_range *p = &s->ports[i % count_ranges(s)];
	char host[ADDR_TEXT];

	if (*s->interface)
		fprintf(out, " -i %s", s->interface);
	if (s->one_user)
		fprintf(out, " -m owner --uid-owner %u", s->user);
	fputs(" -p tcp", out);
	if (s->nto)
		fprintf(out, " -d %s/%u", addr_format_host(&to->base, host), to->prefix);
	if (s->nports)
		fprintf(out, " --dport %u:%u", p->first, p->last);
}
