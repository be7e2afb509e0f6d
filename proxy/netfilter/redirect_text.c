/* redirect_text.c - the rules in both dialects, and why they are as they are.
 *
 * Connections that wedge itself opens are marked and pass, else wedge would meet itself. Only SYNs
 * are redirected: when connection tracking begins with these rules, it takes the next packet of
 * every established connection for the first one. Tracking, and with it the translation of what was
 * redirected, ends with the last rule that needs it; so one rule always needs it, for connections
 * that never come here.
 *
 * The connections that wedge opens go to their clients' original destinations, from the same
 * address. After an RST connection tracking still redirects a client's port for 10 s, and would
 * redirect wedge too when the kernel gives it that port. So the packets that wedge sends are looked
 * up in a zone of their own; the answers aren't, so that whatever else translates them goes on
 * doing so. A link-local IPv6 address says nothing without its interface, which a redirected
 * connection no longer tells. */
#include "proxy/netfilter/redirect_text.h"

#include "proxy/base/mark.h"
#include "proxy/base/mem.h"
#include "proxy/netfilter/intercept_text.h"

#define PRIORITY_DSTNAT (-100) /* NF_IP_PRI_NAT_DST, where iptables does it */

/* UDP is refused on its way in again, as another host would refuse it: refused on its way out it
 * would fail with EPERM, which no network causes. The port doesn't matter: no socket ever gets the
 * packet. */
#define DISCARD_PORT 9u

static void write_nft_rules(FILE *out, const struct intercept_match *s)
{
	for (size_t i = 0; i < intercept_text_nft_count(s); i++) {
		fputs("\t\t", out);
		(void)intercept_text_nft(out, s, i);
		fprintf(out, "redirect to :%u\n", s->listen);
	}
}

static void write_nft_sealed(FILE *out)
{
	fprintf(out,
		"\t\toifname != \"lo\" meta l4proto udp redirect to :%u\n\t}\n"
		"\tchain refused {\n"
		"\t\ttype filter hook input priority 0; policy accept;\n"
		"\t\tmeta l4proto udp ct status dnat reject\n",
		DISCARD_PORT);
}

static void write_nft_zone(FILE *out, unsigned zone)
{
	fprintf(out,
		"\tchain leaving {\n"
		"\t\ttype filter hook output priority raw - 10; policy accept;\n"
		"\t\tmeta l4proto tcp meta mark & 0x%x == 0x%x ct original zone set %u\n"
		"\t\tmeta l4proto tcp meta mark 0x%x ct original zone set %u\n\t}\n",
		MARK_WEDGE_MASK, MARK_WEDGE, zone, MARK_EXEMPT, zone);
}

char *redirect_text_nft(const struct redirect_rules *r)
{
	char *text = NULL;
	size_t len;
	FILE *out = xopen_memstream(&text, &len);

	fprintf(out, "table inet wedge-%s {\n\tflags owner;\n", r->id);
	if (r->zone)
		write_nft_zone(out, r->zone);
	fprintf(out,
		"\tchain redirected {\n"
		"\t\ttype nat hook output priority %d; policy accept;\n"
		"\t\tmeta mark & 0x%x == 0x%x return\n"
		"\t\tmeta mark 0x%x return\n"
		"\t\tct state established return\n"
		"\t\ttcp flags & (fin | syn | rst | ack) != syn return\n",
		PRIORITY_DSTNAT, MARK_WEDGE_MASK, MARK_WEDGE, MARK_EXEMPT);
	if (!r->sealed)
		fputs("\t\tip6 daddr fe80::/10 return\n", out);
	for (size_t i = 0; i < r->n; i++)
		write_nft_rules(out, &r->select[i]);
	if (r->sealed)
		write_nft_sealed(out);
	fputs("\t}\n}\n", out);
	xclose_memstream(out);
	return text;
}

char *redirect_text_end(const char *id)
{
	return xasprintf("table inet wedge-%s-end {\n\tflags owner;\n"
			 "\tchain output {\n"
			 "\t\ttype nat hook output priority %d; policy accept;\n"
			 "\t\tct state established return\n\t}\n}\n",
			 id, PRIORITY_DSTNAT);
}

static void write_xtables_rules(FILE *out, const struct redirect_rules *r, int family)
{
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < intercept_text_xtables_count(&r->select[i]); k++) {
			if (!intercept_text_xtables_is_in(&r->select[i], k, family))
				continue;
			fprintf(out, "-A wedge-%s-rd", r->id);
			intercept_text_xtables(out, &r->select[i], k);
			fprintf(out, " -j REDIRECT --to-ports %u\n", r->select[i].listen);
		}
}

static void write_xtables_sealed(FILE *out, const struct redirect_rules *r, bool jump)
{
	fprintf(out,
		"*filter\n:wedge-%s-udp - [0:0]\n"
		"-A wedge-%s-udp -p udp -m conntrack --ctstate DNAT -j REJECT\n",
		r->id, r->id);
	if (jump)
		fprintf(out, "-A INPUT -j wedge-%s-udp\n", r->id);
	fputs("COMMIT\n", out);
}

/* These come before the packet plane's rules of the same table: a packet that comes back from a
 * queue passes no more rules of it. */
static void write_xtables_zone(FILE *out, const struct redirect_rules *r, bool jump)
{
	const char *id = r->id;

	fprintf(out,
		"*raw\n:wedge-%s-own - [0:0]\n"
		"-A wedge-%s-own -p tcp -m mark --mark 0x%x/0x%x -j CT --zone-orig %u\n"
		"-A wedge-%s-own -p tcp -m mark --mark 0x%x -j CT --zone-orig %u\n",
		id, id, MARK_WEDGE, MARK_WEDGE_MASK, r->zone, id, MARK_EXEMPT, r->zone);
	if (jump)
		fprintf(out, "-I OUTPUT -j wedge-%s-own\n", id);
	fputs("COMMIT\n", out);
}

char *redirect_text_xtables(const struct redirect_rules *r, int family, bool jump)
{
	char *text = NULL;
	size_t len;
	FILE *out = xopen_memstream(&text, &len);
	const char *id = r->id;

	if (r->zone)
		write_xtables_zone(out, r, jump);
	fprintf(out,
		"*nat\n:wedge-%s-rd - [0:0]\n"
		"-A wedge-%s-rd -m mark --mark 0x%x/0x%x -j RETURN\n"
		"-A wedge-%s-rd -m mark --mark 0x%x -j RETURN\n"
		"-A wedge-%s-rd -m conntrack --ctstate ESTABLISHED -j RETURN\n"
		"-A wedge-%s-rd -p tcp ! --syn -j RETURN\n",
		id, id, MARK_WEDGE, MARK_WEDGE_MASK, id, MARK_EXEMPT, id, id);
	if (family == AF_INET6 && !r->sealed)
		fprintf(out, "-A wedge-%s-rd -d fe80::/10 -j RETURN\n", id);
	write_xtables_rules(out, r, family);
	if (r->sealed)
		fprintf(out, "-A wedge-%s-rd ! -o lo -p udp -j REDIRECT --to-ports %u\n", id,
			DISCARD_PORT);
	if (jump)
		fprintf(out, "-I OUTPUT -j wedge-%s-rd\n", id);
	fputs("COMMIT\n", out);
	if (r->sealed)
		write_xtables_sealed(out, r, jump);
	xclose_memstream(out);
	return text;
}
