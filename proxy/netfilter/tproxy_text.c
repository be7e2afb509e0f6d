/* tproxy_text.c - the rules in both dialects, and why they are as they are.
 *
 * A packet that belongs to a socket of wedge's stays on this host by its mark: the servers'
 * answers, the packets of established client legs, and ICMP about their segments, such as
 * "fragmentation needed". A SYN never goes that way but always to the listener, which may accept it
 * although the 4-tuple is still in TIME_WAIT: the client alone decides when it uses a port again.
 * Packets for this host itself aren't taken: an ssh to the gateway goes on.
 *
 * Both legs have the same addresses and ports, so connection tracking would take them for one
 * connection, which it has already seen: no NAT for the server leg, and segments out of every
 * window. So the rules put client legs into a zone of their own before tracking looks at them. */
#include "proxy/netfilter/tproxy_text.h"

#include "proxy/base/mark.h"
#include "proxy/base/mem.h"
#include "proxy/netfilter/intercept_text.h"

#include <stdio.h>

struct text {
	FILE *out;
	char *text;
	size_t len;
};

static void open_text(struct text *t)
{
	t->out = open_memstream(&t->text, &t->len);
	BUG_ON(!t->out);
}

static char *close_text(struct text *t)
{
	BUG_ON(fclose(t->out));
	return t->text;
}

static void write_nft_rules(FILE *out, const struct intercept_match *s)
{
	const char *family;

	for (size_t i = 0; i < intercept_text_nft_count(s); i++) {
		fputs("\t\t", out);
		family = intercept_text_nft(out, s, i);
		fprintf(out, "meta mark set 0x%x tproxy %sto :%u accept\n", TPROXY_MARK, family,
			s->listen);
	}
}

static void write_nft_zones(FILE *out, const struct tproxy_rules *r)
{
	fprintf(out,
		"\tchain arriving {\n"
		"\t\ttype filter hook prerouting priority raw - 10; policy accept;\n"
		"\t\tsocket transparent 1 socket wildcard 0 socket mark != 0x%x accept\n"
		"\t\tfib daddr type local accept\n",
		MARK_CLIENT_LEG);
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < intercept_text_nft_count(&r->select[i]); k++) {
			fputs("\t\t", out);
			(void)intercept_text_nft(out, &r->select[i], k);
			fprintf(out, "ct zone set %u\n", r->zone);
		}
	fprintf(out,
		"\t\tsocket transparent 1 socket wildcard 0 socket mark 0x%x ct zone set %u\n"
		"\t}\n\tchain leaving {\n"
		"\t\ttype filter hook output priority raw - 10; policy accept;\n"
		"\t\tmeta l4proto tcp meta mark 0x%x ct zone set %u\n\t}\n",
		MARK_CLIENT_LEG, r->zone, MARK_CLIENT_LEG, r->zone);
}

static void write_nft_selected(FILE *out, const struct tproxy_rules *r)
{
	fputs("\tchain selected {\n\t\tfib daddr type local accept\n", out);
	for (size_t i = 0; i < r->n; i++)
		write_nft_rules(out, &r->select[i]);
	fputs("\t}\n", out);
}

/* The kernel finds a listener by a packet's port alone: such a packet belongs to no connection of
 * wedge's. That is tested first, since of a socket in a handshake or in TIME_WAIT nft doesn't tell
 * whether it has an address. */
static void write_nft_transparent(FILE *out)
{
	fprintf(out,
		"\tchain transparent {\n"
		"\t\ttype filter hook prerouting priority mangle + 10; policy accept;\n"
		"\t\tsocket wildcard 1 goto selected\n"
		"\t\ttcp flags & (fin | syn | rst | ack) != syn socket transparent 1 "
		"meta mark set meta mark & 0x%x | 0x%x accept\n"
		"\t\tmeta l4proto { icmp, ipv6-icmp } socket transparent 1 "
		"meta mark set meta mark & 0x%x | 0x%x accept\n"
		"\t\tgoto selected\n\t}\n",
		~TPROXY_MARK_MASK, TPROXY_MARK, ~TPROXY_MARK_MASK, TPROXY_MARK);
}

char *tproxy_text_nft(const struct tproxy_rules *r)
{
	struct text t;

	open_text(&t);
	fprintf(t.out, "table inet wedge-%s {\n\tflags owner;\n", r->id);
	if (r->zone)
		write_nft_zones(t.out, r);
	write_nft_selected(t.out, r);
	write_nft_transparent(t.out);
	fputs("}\n", t.out);
	return close_text(&t);
}

/* These come before the packet plane's rules of the same table: a packet that comes back from a
 * queue passes no more rules of it. The packet has its socket's mark from here on; the packet
 * plane's rules undo that. */
static void write_xtables_zones(FILE *out, const struct tproxy_rules *r, int family, bool jump)
{
	const char *id = r->id;

	fprintf(out, "*raw\n:wedge-%s-zi - [0:0]\n:wedge-%s-zo - [0:0]\n", id, id);
	fprintf(out, "-A wedge-%s-zi -p tcp ! --syn -m socket --transparent --restore-skmark\n",
		id);
	fprintf(out, "-A wedge-%s-zi -m mark --mark 0x%x -j CT --zone %u\n", id, MARK_CLIENT_LEG,
		r->zone);
	fprintf(out, "-A wedge-%s-zi -m mark --mark 0x%x/0x%x -j RETURN\n", id, MARK_WEDGE,
		MARK_WEDGE_MASK);
	fprintf(out, "-A wedge-%s-zi -m addrtype --dst-type LOCAL -j RETURN\n", id);
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < intercept_text_xtables_count(&r->select[i]); k++) {
			if (!intercept_text_xtables_is_in(&r->select[i], k, family))
				continue;
			fprintf(out, "-A wedge-%s-zi", id);
			intercept_text_xtables(out, &r->select[i], k);
			fprintf(out, " -j CT --zone %u\n", r->zone);
		}
	fprintf(out, "-A wedge-%s-zo -p tcp -m mark --mark 0x%x -j CT --zone %u\n", id,
		MARK_CLIENT_LEG, r->zone);
	if (jump)
		fprintf(out, "-I PREROUTING -j wedge-%s-zi\n-I OUTPUT -j wedge-%s-zo\n", id, id);
	fputs("COMMIT\n", out);
}

static void write_xtables_rules(FILE *out, const struct tproxy_rules *r,
				const struct intercept_match *s, int family)
{
	for (size_t i = 0; i < intercept_text_xtables_count(s); i++) {
		if (!intercept_text_xtables_is_in(s, i, family))
			continue;
		fprintf(out, "-A wedge-%s-tp", r->id);
		intercept_text_xtables(out, s, i);
		fprintf(out, " -j TPROXY --on-port %u --tproxy-mark 0x%x/0x%x\n", s->listen,
			TPROXY_MARK, TPROXY_MARK_MASK);
	}
}

char *tproxy_text_xtables(const struct tproxy_rules *r, int family, bool jump)
{
	struct text t;

	open_text(&t);
	if (r->zone)
		write_xtables_zones(t.out, r, family, jump);
	fprintf(t.out, "*mangle\n:wedge-%s-tp - [0:0]\n", r->id);
	fprintf(t.out,
		"-A wedge-%s-tp -p tcp ! --syn -m socket --transparent -j MARK --set-xmark "
		"0x%x/0x%x\n",
		r->id, TPROXY_MARK, TPROXY_MARK_MASK);
	fprintf(t.out,
		"-A wedge-%s-tp -p %s -m socket --transparent -j MARK --set-xmark 0x%x/0x%x\n",
		r->id, family == AF_INET ? "icmp" : "icmpv6", TPROXY_MARK, TPROXY_MARK_MASK);
	fprintf(t.out, "-A wedge-%s-tp -m mark --mark 0x%x/0x%x -j RETURN\n", r->id, TPROXY_MARK,
		TPROXY_MARK_MASK);
	fprintf(t.out, "-A wedge-%s-tp -m addrtype --dst-type LOCAL -j RETURN\n", r->id);
	for (size_t i = 0; i < r->n; i++)
		write_xtables_rules(t.out, r, &r->select[i], family);
	if (jump)
		fprintf(t.out, "-A PREROUTING -j wedge-%s-tp\n", r->id);
	fputs("COMMIT\n", t.out);
	return close_text(&t);
}
