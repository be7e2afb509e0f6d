/* tproxy_text.c - the rules in both dialects, and why they are as they are.
 *
 * A packet that belongs to a socket of wedge's stays on this host by its mark: the servers'
 * answers, the packets of established client legs, and ICMP about their segments, such as
 * "fragmentation needed". A SYN never goes that way but always to the listener, which may accept it
 * although the 4-tuple is still in TIME_WAIT: the client alone decides when it uses a port again.
 * Packets for this host itself aren't taken: an ssh to the gateway goes on.
 *
 * Without a socket only a SYN is taken. Whatever else comes from a client belongs to a connection
 * that a server has opened towards it, or that was there before wedge; with two exceptions. The ACK
 * of a SYN cookie has no socket yet: it answers a SYN-ACK of wedge's listener, which the table
 * remembers. And what comes late for a leg that wedge has closed has none any more. Routed on it
 * would reach the other leg's host, which has the same addresses and ports and other sequence
 * numbers: it is answered by an RST instead, as by every host whose socket is gone (RFC 9293
 * section 3.10.7.1). iptables has no sets: there connection tracking's mark tells wedge's legs, and
 * since it knows a late segment of a client only as one that is out of every window of the server
 * leg, such segments are the listener's, which answers by an RST.
 *
 * Both legs have the same addresses and ports, so connection tracking would take them for one
 * connection, which it has already seen: no NAT for the server leg, and segments out of every
 * window. So the rules put client legs into a zone of their own before tracking looks at them. */
#include "proxy/netfilter/tproxy_text.h"

#include "proxy/base/mark.h"
#include "proxy/base/mem.h"
#include "proxy/netfilter/intercept_text.h"

#include <stdio.h>

#define NFT_SYN	    "tcp flags & (fin | syn | rst | ack) == syn"
#define NFT_SYN_ACK "tcp flags & (syn | ack) == syn | ack"

/* Connection tracking's mark of wedge's connections. It isn't a packet mark of wedge's, in case
 * others' rules copy the one to the other. */
#define CONNMARK      0x5c000000u
#define CONNMARK_MASK 0xff000000u

enum {
	BEGUN_SECONDS = 10, /* a client has to answer a SYN cookie */
	LEG_SECONDS = 120,  /* nf_conntrack_tcp_timeout_time_wait's default */
	LEGS_MAX = 262144,  /* in one set; a leg beyond isn't remembered */
};

static const char *const nft_families[] = {"4", "6"};

struct text {
	FILE *out;
	char *text;
	size_t len;
};

static void open_text(struct text *t)
{
	t->out = xopen_memstream(&t->text, &t->len);
}

static char *close_text(struct text *t)
{
	xclose_memstream(t->out);
	return t->text;
}

/* A set of legs, each as its packets come in: addresses and ports, the peer's first. */
static void write_nft_sets(FILE *out, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(nft_families); i++)
		fprintf(out,
			"\tset %s%s {\n"
			"\t\ttype ipv%s_addr . inet_service . ipv%s_addr . inet_service\n"
			"\t\tsize %d\n\t\tflags dynamic,timeout\n\t}\n",
			name, nft_families[i], nft_families[i], nft_families[i], LEGS_MAX);
}

/* The key of a packet that comes in, or of the answer to one that goes out. */
static void write_nft_leg(FILE *out, size_t family, bool outgoing)
{
	const char *ip = family ? "ip6" : "ip";
	char from = outgoing ? 'd' : 's', to = outgoing ? 's' : 'd';

	fprintf(out, "%s %caddr . tcp %cport . %s %caddr . tcp %cport", ip, from, from, ip, to, to);
}

/* Remembers the legs of which wedge sends packets that match. */
static void write_nft_remember(FILE *out, const char *match, const char *set, int seconds)
{
	for (size_t i = 0; i < ARRAY_LEN(nft_families); i++) {
		fprintf(out, "\t\t%s update @%s%s { ", match, set, nft_families[i]);
		write_nft_leg(out, i, true);
		fprintf(out, " timeout %ds }\n", seconds);
	}
}

static void write_nft_known(FILE *out, const char *set, const char *statement)
{
	for (size_t i = 0; i < ARRAY_LEN(nft_families); i++) {
		fputs("\t\t", out);
		write_nft_leg(out, i, false);
		fprintf(out, " @%s%s %s\n", set, nft_families[i], statement);
	}
}

static void write_nft_begun(FILE *out)
{
	write_nft_sets(out, "begun");
	fprintf(out,
		"\tchain answering {\n"
		"\t\ttype filter hook output priority raw - 10; policy accept;\n"
		"\t\tmeta mark != 0x%x accept\n",
		MARK_CLIENT_LEG);
	write_nft_remember(out, NFT_SYN_ACK, "begun", BEGUN_SECONDS);
	fputs("\t}\n", out);
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

/* A socket in a handshake or in TIME_WAIT has no mark that nft tells, so it is the selection that
 * says which leg's it is. */
static void write_nft_zoned(FILE *out, const struct tproxy_rules *r)
{
	fputs("\tchain zoned {\n", out);
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < intercept_text_nft_count(&r->select[i]); k++) {
			fputs("\t\t", out);
			(void)intercept_text_nft(out, &r->select[i], k);
			fprintf(out, "ct zone set %u\n", r->zone);
		}
	fputs("\t}\n", out);
}

static void write_nft_zones(FILE *out, const struct tproxy_rules *r)
{
	write_nft_zoned(out, r);
	fprintf(out,
		"\tchain arriving {\n"
		"\t\ttype filter hook prerouting priority raw - 10; policy accept;\n"
		"\t\tsocket transparent 1 socket wildcard 0 socket mark != 0x%x accept\n"
		"\t\tfib daddr type local accept\n"
		"\t\t" NFT_SYN " goto zoned\n",
		MARK_CLIENT_LEG);
	write_nft_known(out, "begun", "jump zoned");
	fprintf(out,
		"\t\tsocket wildcard 1 accept\n"
		"\t\tsocket transparent 1 jump zoned\n"
		"\t\tsocket transparent 1 socket mark 0x%x ct zone set %u\n"
		"\t}\n\tchain leaving {\n"
		"\t\ttype filter hook output priority raw - 10; policy accept;\n"
		"\t\tmeta l4proto tcp meta mark 0x%x ct zone set %u\n\t}\n",
		MARK_CLIENT_LEG, r->zone, MARK_CLIENT_LEG, r->zone);
}

static void write_nft_selected(FILE *out, const struct tproxy_rules *r)
{
	fputs("\tchain taken {\n", out);
	for (size_t i = 0; i < r->n; i++)
		write_nft_rules(out, &r->select[i]);
	fputs("\t}\n\tchain selected {\n\t\tfib daddr type local accept\n\t\t" NFT_SYN
	      " goto taken\n",
	      out);
	write_nft_known(out, "begun", "goto taken");
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
	write_nft_begun(t.out);
	if (r->zone)
		write_nft_zones(t.out, r);
	write_nft_selected(t.out, r);
	write_nft_transparent(t.out);
	fputs("}\n", t.out);
	return close_text(&t);
}

/* A new connection of the same addresses and ports, one that passes by, ends what is known of the
 * legs. */
static void write_nft_forget(FILE *out)
{
	for (size_t i = 0; i < ARRAY_LEN(nft_families); i++)
		for (int reverse = 0; reverse < 2; reverse++) {
			fprintf(out, "\t\t" NFT_SYN " delete @legs%s { ", nft_families[i]);
			write_nft_leg(out, i, reverse);
			fputs(" }\n", out);
		}
}

/* Each packet that wedge sends keeps its leg remembered: when a socket is closed it is gone before
 * the kernel sends its RST. A SYN-ACK alone, which anybody can make wedge send, counts for less. */
char *tproxy_text_end(const char *id)
{
	struct text t;

	open_text(&t);
	fprintf(t.out, "table inet wedge-%s-end {\n\tflags owner;\n", id);
	write_nft_sets(t.out, "legs");
	fprintf(t.out,
		"\tchain sending {\n"
		"\t\ttype filter hook output priority raw - 10; policy accept;\n"
		"\t\tmeta mark & 0x%x != 0x%x accept\n",
		MARK_WEDGE_MASK, MARK_WEDGE);
	write_nft_remember(t.out, NFT_SYN_ACK, "legs", BEGUN_SECONDS);
	write_nft_remember(t.out, "tcp flags & (syn | ack) != syn | ack", "legs", LEG_SECONDS);
	fputs("\t}\n\tchain late {\n"
	      "\t\ttype filter hook forward priority mangle; policy accept;\n",
	      t.out);
	write_nft_forget(t.out);
	write_nft_known(t.out, "legs", "reject with tcp reset");
	fputs("\t}\n}\n", t.out);
	return close_text(&t);
}

static void write_xtables_select(FILE *out, const struct tproxy_rules *r, int family)
{
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < intercept_text_xtables_count(&r->select[i]); k++) {
			if (!intercept_text_xtables_is_in(&r->select[i], k, family))
				continue;
			fprintf(out, "-A wedge-%s-zs", r->id);
			intercept_text_xtables(out, &r->select[i], k);
			fprintf(out, " -j CT --zone %u\n", r->zone);
		}
}

/* These come before the packet plane's rules of the same table: a packet that comes back from a
 * queue passes no more rules of it. The packet has its socket's mark from here on; the packet
 * plane's rules undo that. */
static void write_xtables_zones(FILE *out, const struct tproxy_rules *r, int family, bool jump)
{
	const char *id = r->id;

	fprintf(out,
		"*raw\n:wedge-%s-zi - [0:0]\n:wedge-%s-zs - [0:0]\n:wedge-%s-zo - [0:0]\n"
		"-A wedge-%s-zi -p tcp ! --syn -m socket --transparent --restore-skmark\n"
		"-A wedge-%s-zi -m mark --mark 0x%x -j CT --zone %u\n"
		"-A wedge-%s-zi -m mark --mark 0x%x/0x%x -j RETURN\n"
		"-A wedge-%s-zi -m addrtype --dst-type LOCAL -j RETURN\n"
		"-A wedge-%s-zi -p tcp --syn -j wedge-%s-zs\n"
		"-A wedge-%s-zi -p tcp ! --syn -m socket --transparent -j wedge-%s-zs\n",
		id, id, id, id, id, MARK_CLIENT_LEG, r->zone, id, MARK_WEDGE, MARK_WEDGE_MASK, id,
		id, id, id, id);
	write_xtables_select(out, r, family);
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
		fprintf(out, "-A wedge-%s-tk", r->id);
		intercept_text_xtables(out, s, i);
		fprintf(out, " -j TPROXY --on-port %u --tproxy-mark 0x%x/0x%x\n", s->listen,
			TPROXY_MARK, TPROXY_MARK_MASK);
	}
}

static void write_xtables_mangle(FILE *out, const struct tproxy_rules *r, int family, bool jump)
{
	const char *id = r->id;

	fprintf(out,
		"*mangle\n:wedge-%s-tp - [0:0]\n:wedge-%s-tk - [0:0]\n:wedge-%s-cm - [0:0]\n"
		"-A wedge-%s-tp -p tcp ! --syn -m socket --transparent -j MARK --set-xmark "
		"0x%x/0x%x\n",
		id, id, id, id, TPROXY_MARK, TPROXY_MARK_MASK);
	fprintf(out, "-A wedge-%s-tp -p %s -m socket --transparent -j MARK --set-xmark 0x%x/0x%x\n",
		id, family == AF_INET ? "icmp" : "icmpv6", TPROXY_MARK, TPROXY_MARK_MASK);
	fprintf(out,
		"-A wedge-%s-tp -m mark --mark 0x%x/0x%x -j RETURN\n"
		"-A wedge-%s-tp -m addrtype --dst-type LOCAL -j RETURN\n"
		"-A wedge-%s-tp -p tcp --syn -j wedge-%s-tk\n"
		"-A wedge-%s-tp -p tcp --tcp-flags SYN NONE -m conntrack --ctstate INVALID "
		"-j wedge-%s-tk\n",
		id, TPROXY_MARK, TPROXY_MARK_MASK, id, id, id, id, id);
	for (size_t i = 0; i < r->n; i++)
		write_xtables_rules(out, r, &r->select[i], family);
	fprintf(out,
		"-A wedge-%s-cm -p tcp -m mark --mark 0x%x/0x%x -j CONNMARK --set-xmark "
		"0x%x/0x%x\n",
		id, MARK_WEDGE, MARK_WEDGE_MASK, CONNMARK, CONNMARK_MASK);
	if (jump)
		fprintf(out, "-A PREROUTING -j wedge-%s-tp\n-A OUTPUT -j wedge-%s-cm\n", id, id);
	fputs("COMMIT\n", out);
}

/* A connection that passes by may have the addresses and ports of one of wedge's. */
static void write_xtables_late(FILE *out, const char *id, bool jump)
{
	fprintf(out,
		"*filter\n:wedge-%s-lt - [0:0]\n"
		"-A wedge-%s-lt -p tcp --syn -m connmark --mark 0x%x/0x%x -j CONNMARK --set-xmark "
		"0x0/0x%x\n"
		"-A wedge-%s-lt -p tcp ! --syn -m connmark --mark 0x%x/0x%x -j REJECT "
		"--reject-with tcp-reset\n",
		id, id, CONNMARK, CONNMARK_MASK, CONNMARK_MASK, id, CONNMARK, CONNMARK_MASK);
	if (jump)
		fprintf(out, "-I FORWARD -j wedge-%s-lt\n", id);
	fputs("COMMIT\n", out);
}

char *tproxy_text_xtables(const struct tproxy_rules *r, int family, bool jump)
{
	struct text t;

	open_text(&t);
	if (r->zone)
		write_xtables_zones(t.out, r, family, jump);
	write_xtables_mangle(t.out, r, family, jump);
	write_xtables_late(t.out, r->id, jump);
	return close_text(&t);
}
