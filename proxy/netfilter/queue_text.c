/* queue_text.c - the selection of packets as text of a native nftables table. */
#include "proxy/netfilter/queue_text.h"

#include "proxy/base/mark.h"
#include "proxy/base/mem.h"
#include "proxy/netfilter/queue_rules.h"
#include "proxy/netfilter/tproxy_text.h"
#include "proxy/packet/nfq.h"

struct table_text {
	FILE *out;
	const struct pkt_select *select;
	size_t n;
	uint16_t queue;
};

/* Of what comes at a listener whose proxy's own packets aren't wanted: who asks for a connection,
 * and who gives up. */
static const char *const syns_and_rsts[] = {"tcp flags & (fin | syn | rst | ack) == syn ",
					    "tcp flags & rst == rst ", NULL};
static const char *const all[] = {"", NULL};

static const char *const *flags_of(const struct pkt_select *s)
{
	return s->syns_only ? syns_and_rsts : all;
}

static void write_queue(const struct table_text *t)
{
	fprintf(t->out, "queue num %u bypass\n", t->queue);
}

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
}

static void write_select(const struct table_text *t, const struct pkt_select *s, const char *ends)
{
	for (const char *end = ends; *end; end++)
		for (const char *const *flags = flags_of(s); *flags; flags++) {
			write_match(t, s, *end);
			fputs(*flags, t->out);
			write_queue(t);
		}
}

static void write_selects(const struct table_text *t, bool forwarded, const char *ends)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct pkt_select *s = &t->select[i];

		if (s->forwarded == forwarded && !s->transparent && !(s->syns_only && *ends == 's'))
			write_select(t, s, ends);
	}
}

/* After the look-up of sockets: on one interface come clients' packets, and for server legs the
 * servers', which their marks tell. */
static void write_transparent(const struct table_text *t, const struct pkt_select *s)
{
	const struct intercept_match *intercept = &s->intercept;

	for (size_t i = 0; i == 0 || i < intercept->nto; i++)
		for (const char *const *flags = flags_of(s); *flags; flags++) {
			fputs("\t\tfib daddr type != local ", t->out);
			(void)tproxy_match_nft(t->out, intercept,
					       intercept->nto ? &intercept->to[i] : NULL);
			fputs(*flags, t->out);
			write_queue(t);
		}
}

/* What tells that a server can't be reached to which wedge connects from a client's address. */
static void write_unreachable(const struct table_text *t)
{
	static const char *const icmp[] = {"icmp", "icmpv6"};

	for (size_t i = 0; i < ARRAY_LEN(icmp) && queue_rules_watch_icmp(t->select, t->n); i++) {
		fprintf(t->out, "\t\t%s type destination-unreachable ", icmp[i]);
		write_queue(t);
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
static void write_incoming(const struct table_text *t)
{
	bool own = queue_rules_watch_own(t->select, t->n);

	write_chain(t, "incoming", "prerouting");
	write_unreachable(t);
	if (own)
		fprintf(t->out, "\t\tmeta mark & 0x%x == 0x%x meta mark set 0x0\n", MARK_WEDGE_MASK,
			MARK_WEDGE);
	write_selects(t, false, "d");
	if (own) {
		fprintf(
		    t->out,
		    "\t\tmeta l4proto tcp socket mark & 0x%x == 0x%x meta mark set socket mark ",
		    MARK_WEDGE_MASK, MARK_WEDGE);
		write_queue(t);
	}
	for (size_t i = 0; i < t->n; i++)
		if (t->select[i].transparent)
			write_transparent(t, &t->select[i]);
	fputs("\t}\n", t->out);
}

/* SYNs of this host before they are redirected: they tell where they wanted to go. */
static void write_wanted(const struct table_text *t, const struct intercept_match *intercept)
{
	for (size_t i = 0; i == 0 || i < intercept->nto; i++) {
		fputs("\t\tmeta mark 0x0 tcp flags & (fin | syn | rst | ack) == syn ", t->out);
		(void)tproxy_match_nft(t->out, intercept,
				       intercept->nto ? &intercept->to[i] : NULL);
		write_queue(t);
	}
}

static void write_outgoing(const struct table_text *t)
{
	write_chain(t, "outgoing", "output");
	write_unreachable(t);
	write_selects(t, false, "s");
	if (queue_rules_watch_own(t->select, t->n)) {
		fprintf(t->out, "\t\tmeta l4proto tcp meta mark & 0x%x == 0x%x ", MARK_WEDGE_MASK,
			MARK_WEDGE);
		write_queue(t);
		fputs("\t\ttcp flags & rst == rst meta mark 0x0 ", t->out);
		write_queue(t);
	}
	for (size_t i = 0; i < t->n; i++)
		if (t->select[i].redirected)
			write_wanted(t, &t->select[i].intercept);
	fputs("\t}\n", t->out);
}

static void write_table(const struct table_text *t, const char *id)
{
	fprintf(t->out, "table inet wedge-%s {\n\tflags owner;\n", id);
	write_incoming(t);
	write_outgoing(t);
	write_chain(t, "forwarded", "forward");
	write_selects(t, true, "ds");
	fputs("\t}\n}\n", t->out);
}

char *queue_text_nft(const char *id, const struct pkt_select *select, size_t n, uint16_t queue)
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
