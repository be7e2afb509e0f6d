/* tproxy_text.c - the rules that bring connections to a transparent proxy, as text.
 *
 * What belongs to a socket of ours (the answers to server legs, and client legs once they stand)
 * is marked and so stays here. A SYN never goes that way but always to the listener, who may take
 * it although the 4-tuple is still in TIME_WAIT: the client alone decides when it uses a port
 * again. What is for this host itself is none of ours: an ssh to the gateway goes on. */
#include "proxy/packet/tproxy_text.h"

#include "proxy/base/mem.h"

struct text {
	FILE *out;
	char *text;
	size_t len;
};

static void text_open(struct text *t)
{
	t->out = open_memstream(&t->text, &t->len);
	BUG_ON(!t->out);
}

static char *text_close(struct text *t)
{
	BUG_ON(fclose(t->out));
	return t->text;
}

const char *tproxy_match_nft(FILE *out, const struct tproxy_select *s, const struct cidr *to)
{
	char host[ADDR_TEXT];
	const char *family = "";

	fprintf(out, "iifname \"%s\" ", s->interface);
	if (to) {
		family = to->base.sa.sa_family == AF_INET6 ? "ip6 " : "ip ";
		fprintf(out, "%sdaddr %s/%u ", family, addr_format_host(&to->base, host),
			to->prefix);
	}
	fputs(s->nports ? "tcp dport { " : "meta l4proto tcp ", out);
	for (size_t i = 0; i < s->nports; i++)
		fprintf(out, "%s%u-%u", i ? ", " : "", s->ports[i].first, s->ports[i].last);
	fputs(s->nports ? " } " : "", out);
	return family;
}

static void nft_rule(FILE *out, const struct tproxy_select *s, const struct cidr *to)
{
	const char *family;

	fputs("\t\t", out);
	family = tproxy_match_nft(out, s, to);
	fprintf(out, "meta mark set 0x%x tproxy %sto :%u accept\n", TPROXY_MARK, family, s->listen);
}

char *tproxy_text_nft(const struct tproxy_rules *r)
{
	struct text t;

	text_open(&t);
	fprintf(t.out,
		"table inet wedge-%s {\n\tflags owner;\n\tchain transparent {\n"
		"\t\ttype filter hook prerouting priority mangle + 10; policy accept;\n"
		"\t\ttcp flags & (fin | syn | rst | ack) != syn socket transparent 1 "
		"socket wildcard 0 meta mark set meta mark & 0x%x | 0x%x accept\n"
		"\t\tfib daddr type local accept\n",
		r->id, ~TPROXY_MARK_MASK, TPROXY_MARK);
	for (size_t i = 0; i < r->n; i++) {
		const struct tproxy_select *s = &r->select[i];

		if (s->nto == 0)
			nft_rule(t.out, s, NULL);
		for (size_t k = 0; k < s->nto; k++)
			nft_rule(t.out, s, &s->to[k]);
	}
	fputs("\t}\n}\n", t.out);
	return text_close(&t);
}

static size_t ports_or_one(const struct tproxy_select *s)
{
	return s->nports ? s->nports : 1;
}

size_t tproxy_match_count(const struct tproxy_select *s)
{
	return ports_or_one(s) * (s->nto ? s->nto : 1);
}

bool tproxy_match_family(const struct tproxy_select *s, size_t i, int family)
{
	return s->nto == 0 || s->to[i / ports_or_one(s)].base.sa.sa_family == family;
}

void tproxy_match_xtables(FILE *out, const struct tproxy_select *s, size_t i)
{
	const struct cidr *to = &s->to[i / ports_or_one(s)];
	const struct port_range *p = &s->ports[i % ports_or_one(s)];
	char host[ADDR_TEXT];

	fprintf(out, " -i %s -p tcp", s->interface);
	if (s->nto)
		fprintf(out, " -d %s/%u", addr_format_host(&to->base, host), to->prefix);
	if (s->nports)
		fprintf(out, " --dport %u:%u", p->first, p->last);
}

static void xtables_rules(FILE *out, const struct tproxy_rules *r, const struct tproxy_select *s,
			  int family)
{
	for (size_t i = 0; i < tproxy_match_count(s); i++) {
		if (!tproxy_match_family(s, i, family))
			continue;
		fprintf(out, "-A wedge-%s-tp", r->id);
		tproxy_match_xtables(out, s, i);
		fprintf(out, " -j TPROXY --on-port %u --tproxy-mark 0x%x/0x%x\n", s->listen,
			TPROXY_MARK, TPROXY_MARK_MASK);
	}
}

char *tproxy_text_xtables(const struct tproxy_rules *r, int family, bool jump)
{
	struct text t;

	text_open(&t);
	fprintf(t.out, "*mangle\n:wedge-%s-tp - [0:0]\n", r->id);
	fprintf(t.out,
		"-A wedge-%s-tp -p tcp ! --syn -m socket --transparent -j MARK --set-xmark "
		"0x%x/0x%x\n",
		r->id, TPROXY_MARK, TPROXY_MARK_MASK);
	fprintf(t.out, "-A wedge-%s-tp -m mark --mark 0x%x/0x%x -j RETURN\n", r->id, TPROXY_MARK,
		TPROXY_MARK_MASK);
	fprintf(t.out, "-A wedge-%s-tp -m addrtype --dst-type LOCAL -j RETURN\n", r->id);
	for (size_t i = 0; i < r->n; i++)
		xtables_rules(t.out, r, &r->select[i], family);
	if (jump)
		fprintf(t.out, "-A PREROUTING -j wedge-%s-tp\n", r->id);
	fputs("COMMIT\n", t.out);
	return text_close(&t);
}
