/* queue_text.c - each part of the rules once in the words of nft and once in those of iptables. */
#include "proxy/netfilter/queue_text.h"

#include "proxy/base/mark.h"
#include "proxy/base/mem.h"
#include "proxy/netfilter/intercept_text.h"

#include <stdio.h>

struct text {
	const struct queue_text *q;
	FILE *out;
	int family; /* for iptables */
	char *written;
	size_t len;
};

static void open_text(struct text *t, const struct queue_text *q)
{
	t->q = q;
	t->out = xopen_memstream(&t->written, &t->len);
}

/* The caller frees. */
static char *close_text(struct text *t)
{
	xclose_memstream(t->out);
	return t->written;
}

/* end: the address at which the selection matches, 'd'estination or 's'ource. Where only clients'
 * SYNs and RSTs are wanted, nothing from a listener is. */
static bool is_in_chain(const struct queue_select *s, bool forwarded, char end)
{
	return s->forwarded == forwarded && !s->transparent && !(s->syns_only && end == 's');
}

/* The flags of syns_only: a client asks for a connection by a SYN, and gives it up by an RST. */
static const char *const *nft_flags(const struct queue_select *s)
{
	static const char *const syns_and_rsts[] = {"tcp flags & (fin | syn | rst | ack) == syn ",
						    "tcp flags & rst == rst ", NULL};
	static const char *const all[] = {"", NULL};

	return s->syns_only ? syns_and_rsts : all;
}

static void write_nft_queue(const struct text *t)
{
	fprintf(t->out, "queue num %u bypass\n", t->q->queue);
}

static void write_nft_match(const struct text *t, const struct queue_select *s, char end)
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

static void write_nft_select(const struct text *t, const struct queue_select *s, const char *ends)
{
	for (const char *end = ends; *end; end++)
		for (const char *const *flags = nft_flags(s); *flags; flags++) {
			write_nft_match(t, s, *end);
			fputs(*flags, t->out);
			write_nft_queue(t);
		}
}

static void write_nft_selects(const struct text *t, bool forwarded, const char *ends)
{
	for (size_t i = 0; i < t->q->n; i++)
		if (is_in_chain(&t->q->select[i], forwarded, *ends))
			write_nft_select(t, &t->q->select[i], ends);
}

/* These come after the look-up of sockets: on one interface come the packets of clients, and, for
 * server legs, those of servers, which a socket's mark tells apart. */
static void write_nft_transparent(const struct text *t, const struct queue_select *s)
{
	for (size_t i = 0; i < intercept_text_nft_count(&s->intercept); i++)
		for (const char *const *flags = nft_flags(s); *flags; flags++) {
			fputs("\t\tfib daddr type != local ", t->out);
			(void)intercept_text_nft(t->out, &s->intercept, i);
			fputs(*flags, t->out);
			write_nft_queue(t);
		}
}

/* ICMP tells that a server can't be reached to which wedge connects from a client's address. */
static void write_nft_icmp(const struct text *t)
{
	static const char *const icmp[] = {"icmp", "icmpv6"};

	if (!queue_select_has_icmp(t->q->select, t->q->n))
		return;
	for (size_t i = 0; i < ARRAY_LEN(icmp); i++) {
		fprintf(t->out, "\t\t%s type destination-unreachable ", icmp[i]);
		write_nft_queue(t);
	}
}

static void write_nft_chain(const struct text *t, const char *name, const char *hook)
{
	fprintf(t->out,
		"\tchain %s {\n\t\ttype filter hook %s priority raw + 10; policy accept;\n"
		"\t\tmeta mark { 0x%x, 0x%x } return\n",
		name, hook, MARK_INJECTED, MARK_INJECTED_HERE);
}

/* On loopback an incoming packet still carries the sender's mark, which must go before the
 * receiver's mark is looked up. The receiver's mark goes with the packet to user space. */
static void write_nft_incoming(const struct text *t)
{
	const struct queue_text *q = t->q;
	bool own = queue_select_has_own_sockets(q->select, q->n);

	write_nft_chain(t, "incoming", "prerouting");
	write_nft_icmp(t);
	if (own)
		fprintf(t->out, "\t\tmeta mark & 0x%x == 0x%x meta mark set 0x0\n", MARK_WEDGE_MASK,
			MARK_WEDGE);
	write_nft_selects(t, false, "d");
	if (own) {
		fprintf(
		    t->out,
		    "\t\tmeta l4proto tcp socket mark & 0x%x == 0x%x meta mark set socket mark ",
		    MARK_WEDGE_MASK, MARK_WEDGE);
		write_nft_queue(t);
	}
	for (size_t i = 0; i < q->n; i++)
		if (q->select[i].transparent)
			write_nft_transparent(t, &q->select[i]);
	fputs("\t}\n", t->out);
}

/* The SYNs of this host have their original destination until a rule redirects them. */
static void write_nft_orig_dst(const struct text *t, const struct intercept_match *intercept)
{
	for (size_t i = 0; i < intercept_text_nft_count(intercept); i++) {
		fputs("\t\tmeta mark 0x0 tcp flags & (fin | syn | rst | ack) == syn ", t->out);
		(void)intercept_text_nft(t->out, intercept, i);
		write_nft_queue(t);
	}
}

static void write_nft_outgoing(const struct text *t)
{
	const struct queue_text *q = t->q;

	write_nft_chain(t, "outgoing", "output");
	write_nft_icmp(t);
	write_nft_selects(t, false, "s");
	if (queue_select_has_own_sockets(q->select, q->n)) {
		fprintf(t->out, "\t\tmeta l4proto tcp meta mark & 0x%x == 0x%x ", MARK_WEDGE_MASK,
			MARK_WEDGE);
		write_nft_queue(t);
		fputs("\t\ttcp flags & rst == rst meta mark 0x0 ", t->out);
		write_nft_queue(t);
	}
	for (size_t i = 0; i < q->n; i++)
		if (q->select[i].redirected)
			write_nft_orig_dst(t, &q->select[i].intercept);
	fputs("\t}\n", t->out);
}

char *queue_text_nft(const struct queue_text *q)
{
	struct text t;

	open_text(&t, q);
	fprintf(t.out, "table inet wedge-%s {\n\tflags owner;\n", q->id);
	write_nft_incoming(&t);
	write_nft_outgoing(&t);
	write_nft_chain(&t, "forwarded", "forward");
	write_nft_selects(&t, true, "ds");
	fputs("\t}\n}\n", t.out);
	return close_text(&t);
}

static bool is_in_family(const struct queue_select *s, int family)
{
	return s->addr.sa.sa_family == family ||
	       (s->addr.sa.sa_family == AF_INET6 && addr_is_any(&s->addr));
}

static const char *const *xtables_flags(const struct queue_select *s)
{
	static const char *const syns_and_rsts[] = {" --syn", " --tcp-flags RST RST", NULL};
	static const char *const all[] = {"", NULL};

	return s->syns_only ? syns_and_rsts : all;
}

static void write_xtables_queue(const struct text *t)
{
	fprintf(t->out, " -j NFQUEUE --queue-num %u --queue-bypass\n", t->q->queue);
}

/* " -p tcp -d ADDRESS --dport PORT", or with "s" the source. Any address of a listener means any of
 * this host's; outgoing packets have no other. */
static void write_xtables_match(const struct text *t, const struct queue_select *s, char end)
{
	char host[ADDR_TEXT];

	fputs(" -p tcp", t->out);
	if (!addr_is_any(&s->addr))
		fprintf(t->out, " -%c %s", end, addr_format_host(&s->addr, host));
	else if (!s->forwarded && end == 'd')
		fputs(" -m addrtype --dst-type LOCAL", t->out);
	if (addr_port(&s->addr))
		fprintf(t->out, " --%cport %u", end, addr_port(&s->addr));
}

static void write_xtables_select(const struct text *t, const struct queue_select *s,
				 const char *chain, char end)
{
	for (const char *const *flags = xtables_flags(s); *flags; flags++) {
		fprintf(t->out, "-A wedge-%s-%s", t->q->id, chain);
		write_xtables_match(t, s, end);
		fputs(*flags, t->out);
		write_xtables_queue(t);
	}
}

static void write_xtables_selects(const struct text *t, bool forwarded, const char *chain, char end)
{
	for (size_t i = 0; i < t->q->n; i++) {
		const struct queue_select *s = &t->q->select[i];

		if (is_in_chain(s, forwarded, end) && is_in_family(s, t->family))
			write_xtables_select(t, s, chain, end);
	}
}

static void write_xtables_injected(const struct text *t, const char *chain)
{
	static const uint32_t marks[] = {MARK_INJECTED, MARK_INJECTED_HERE};

	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		fprintf(t->out, "-A wedge-%s-%s -m mark --mark 0x%x -j RETURN\n", t->q->id, chain,
			marks[i]);
}

static void write_xtables_transparent(const struct text *t, const struct queue_select *s)
{
	const struct intercept_match *intercept = &s->intercept;

	for (size_t i = 0; i < intercept_text_xtables_count(intercept); i++) {
		if (!intercept_text_xtables_is_in(intercept, i, t->family))
			continue;
		for (const char *const *flags = xtables_flags(s); *flags; flags++) {
			fprintf(t->out, "-A wedge-%s-in", t->q->id);
			intercept_text_xtables(t->out, intercept, i);
			fprintf(t->out, "%s -m addrtype ! --dst-type LOCAL", *flags);
			write_xtables_queue(t);
		}
	}
}

static void write_xtables_icmp(const struct text *t, const char *chain)
{
	if (!queue_select_has_icmp(t->q->select, t->q->n))
		return;
	fprintf(t->out, "-A wedge-%s-%s %s destination-unreachable", t->q->id, chain,
		t->family == AF_INET ? "-p icmp --icmp-type" : "-p icmpv6 --icmpv6-type");
	write_xtables_queue(t);
}

/* Incoming packets know their socket's mark only after a look-up. The rules do it for unmarked
 * packets, and undo it when the mark isn't wedge's; on loopback a packet still carries the sender's
 * mark, which must go first. */
static void write_xtables_in(const struct text *t, bool own)
{
	const struct queue_text *q = t->q;
	const char *id = q->id;

	write_xtables_injected(t, "in");
	write_xtables_icmp(t, "in");
	if (own)
		fprintf(t->out, "-A wedge-%s-in -m mark --mark 0x%x/0x%x -j MARK --set-xmark 0x0\n",
			id, MARK_WEDGE, MARK_WEDGE_MASK);
	write_xtables_selects(t, false, "in", 'd');
	if (own)
		fprintf(t->out, "-A wedge-%s-in -p tcp -m mark --mark 0x0 -j wedge-%s-sock\n", id,
			id);
	for (size_t i = 0; i < q->n; i++)
		if (q->select[i].transparent)
			write_xtables_transparent(t, &q->select[i]);
	fprintf(t->out, "-A wedge-%s-sock -m socket --nowildcard --restore-skmark\n", id);
	fprintf(t->out, "-A wedge-%s-sock -m mark --mark 0x%x/0x%x", id, MARK_WEDGE,
		MARK_WEDGE_MASK);
	write_xtables_queue(t);
	fprintf(t->out, "-A wedge-%s-sock -j MARK --set-xmark 0x0\n", id);
}

static void write_xtables_orig_dst(const struct text *t, const struct intercept_match *intercept)
{
	for (size_t i = 0; i < intercept_text_xtables_count(intercept); i++) {
		if (!intercept_text_xtables_is_in(intercept, i, t->family))
			continue;
		fprintf(t->out, "-A wedge-%s-out", t->q->id);
		intercept_text_xtables(t->out, intercept, i);
		fputs(" --syn -m mark --mark 0x0", t->out);
		write_xtables_queue(t);
	}
}

/* No socket has sent an outgoing RST without a mark: it answers what came for a socket that is
 * gone. */
static void write_xtables_out(const struct text *t, bool own)
{
	const struct queue_text *q = t->q;

	write_xtables_injected(t, "out");
	write_xtables_icmp(t, "out");
	write_xtables_selects(t, false, "out", 's');
	if (own) {
		fprintf(t->out, "-A wedge-%s-out -p tcp -m mark --mark 0x%x/0x%x", q->id,
			MARK_WEDGE, MARK_WEDGE_MASK);
		write_xtables_queue(t);
		fprintf(t->out, "-A wedge-%s-out -p tcp --tcp-flags RST RST -m mark --mark 0x0",
			q->id);
		write_xtables_queue(t);
	}
	for (size_t i = 0; i < q->n; i++)
		if (q->select[i].redirected)
			write_xtables_orig_dst(t, &q->select[i].intercept);
}

/* The raw table: a packet that comes back from the queue goes on at the next hook, not at the next
 * rule, and the raw table has the fewest rules of others to miss. */
static void write_xtables_own(const struct text *t, bool jump)
{
	bool own = queue_select_has_own_sockets(t->q->select, t->q->n);
	const char *id = t->q->id;

	fprintf(t->out,
		"*raw\n:wedge-%s-in - [0:0]\n:wedge-%s-sock - [0:0]\n:wedge-%s-out - [0:0]\n", id,
		id, id);
	write_xtables_in(t, own);
	write_xtables_out(t, own);
	if (jump)
		fprintf(t->out, "-A PREROUTING -j wedge-%s-in\n-A OUTPUT -j wedge-%s-out\n", id,
			id);
	fputs("COMMIT\n", t->out);
}

static void write_xtables_forwarded(const struct text *t, bool jump)
{
	fprintf(t->out, "*mangle\n:wedge-%s-fwd - [0:0]\n", t->q->id);
	write_xtables_selects(t, true, "fwd", 'd');
	write_xtables_selects(t, true, "fwd", 's');
	if (jump)
		fprintf(t->out, "-A FORWARD -j wedge-%s-fwd\n", t->q->id);
	fputs("COMMIT\n", t->out);
}

static unsigned needed_chains(const struct queue_text *q)
{
	unsigned chains = 0;

	for (size_t i = 0; i < q->n; i++)
		chains |= q->select[i].forwarded ? QUEUE_CHAINS_FORWARDED : QUEUE_CHAINS_OWN;
	return chains;
}

char *queue_text_xtables(const struct queue_text *q, int family, unsigned *chains)
{
	unsigned there = *chains;
	struct text t = {.family = family};

	*chains |= needed_chains(q);
	open_text(&t, q);
	if (*chains & QUEUE_CHAINS_OWN)
		write_xtables_own(&t, !(there & QUEUE_CHAINS_OWN));
	if (*chains & QUEUE_CHAINS_FORWARDED)
		write_xtables_forwarded(&t, !(there & QUEUE_CHAINS_FORWARDED));
	return close_text(&t);
}
