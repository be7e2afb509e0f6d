/* nft_rules.c - the selection of packets as text of a native nftables table. */
#include "proxy/packet/nft_rules.h"

#include "proxy/base/mark.h"
#include "proxy/base/mem.h"
#include "proxy/packet/nfq.h"
#include "proxy/packet/tproxy_text.h"

struct table_text {
	FILE *out;
	const struct pkt_select *select;
	size_t n;
	uint16_t queue;
};

static void write_match(const struct table_text *t, const struct pkt_select *s, char end)
{
	char host[ADDR_TEXT];
	bool v6 = s->addr.sa.sa_family == AF_INET6;

	fputs("\t\t", t->out);
	if (!addr_is_any(&s->addr))
		fprintf(t->out, "%s %caddr %s ", v6 ? "ip6" : "ip", end,
			addr_format_host(&s->addr, host));
	else if (!v6)
		fputs("meta nfproto ipv4 ", t->out);
	if (addr_is_any(&s->addr) && !s->forwarded && end == 'd')
		fputs("fib daddr type local ", t->out);
	if (addr_port(&s->addr))
		fprintf(t->out, "tcp %cport %u ", end, addr_port(&s->addr));
	else
		fputs("meta l4proto tcp ", t->out);
	fprintf(t->out, "queue num %u bypass\n", t->queue);
}

static void write_selects(const struct table_text *t, bool forwarded, const char *ends)
{
	for (size_t i = 0; i < t->n; i++)
		for (const char *end = ends;
		     *end && t->select[i].forwarded == forwarded && !t->select[i].transparent;
		     end++)
			write_match(t, &t->select[i], *end);
}

/* After the look-up of sockets: on one interface come clients' packets, and for server legs the
 * servers', which their marks tell. */
static void write_transparent(const struct table_text *t, const struct tproxy_select *s)
{
	for (size_t i = 0; i == 0 || i < s->nto; i++) {
		fputs("\t\tfib daddr type != local ", t->out);
		(void)tproxy_match_nft(t->out, s, s->nto ? &s->to[i] : NULL);
		fprintf(t->out, "queue num %u bypass\n", t->queue);
	}
}

static void write_chain(const struct table_text *t, const char *name, const char *hook)
{
	fprintf(t->out,
		"\tchain %s {\n\t\ttype filter hook %s priority raw + 10; policy accept;\n"
		"\t\tmeta mark { 0x%x, 0x%x } return\n",
		name, hook, NFQ_MARK_INJECTED, NFQ_MARK_INJECTED_HERE);
}

/* On loopback an incoming packet still carries the sender's mark: it is taken off before the
 * receiver's is looked up. The receiver's mark goes with the packet to user space. */
static void write_table(const struct table_text *t, const char *id)
{
	fprintf(t->out, "table inet wedge-%s {\n\tflags owner;\n", id);
	write_chain(t, "incoming", "prerouting");
	fprintf(t->out, "\t\tmeta mark & 0x%x == 0x%x meta mark set 0x0\n", MARK_WEDGE_MASK,
		MARK_WEDGE);
	write_selects(t, false, "d");
	fprintf(t->out,
		"\t\tmeta l4proto tcp socket mark & 0x%x == 0x%x meta mark set socket mark queue "
		"num %u "
		"bypass\n",
		MARK_WEDGE_MASK, MARK_WEDGE, t->queue);
	for (size_t i = 0; i < t->n; i++)
		if (t->select[i].transparent)
			write_transparent(t, &t->select[i].taken);
	fputs("\t}\n", t->out);
	write_chain(t, "outgoing", "output");
	write_selects(t, false, "s");
	fprintf(t->out, "\t\tmeta l4proto tcp meta mark & 0x%x == 0x%x queue num %u bypass\n",
		MARK_WEDGE_MASK, MARK_WEDGE, t->queue);
	fprintf(t->out, "\t\ttcp flags & rst == rst meta mark 0x0 queue num %u bypass\n\t}\n",
		t->queue);
	write_chain(t, "forwarded", "forward");
	write_selects(t, true, "ds");
	fputs("\t}\n}\n", t->out);
}

char *nft_rules_text(const char *id, const struct pkt_select *select, size_t n, uint16_t queue)
{
	struct table_text t = {.select = select, .n = n, .queue = queue};
	char *text = NULL;
	size_t len;

	t.out = open_memstream(&text, &len);
	BUG_ON(!t.out);
	write_table(&t, id);
	BUG_ON(fclose(t.out));
	return text;
}
