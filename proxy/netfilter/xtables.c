/* xtables.c - the selection as iptables and ip6tables rules: put in place whole, found again by
 * name, taken away exactly. Stateless: what is to be removed is read from the kernel. */
#include "proxy/netfilter/xtables.h"

#include "proxy/base/mark.h"
#include "proxy/base/mem.h"
#include "proxy/netfilter/queue_rules.h"
#include "proxy/netfilter/tool.h"
#include "proxy/netfilter/tproxy_text.h"
#include "proxy/packet/nfq.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { UNDO_TRIES = 10, UNDO_PAUSE_US = 20000 }; /* 0.2 s in all */

#define ID_MAX 24 /* a chain's name has at most 28 characters */

const struct xtables xtables_ways[] = {
    {"iptables", "ip6tables"},
    {"iptables-nft", "ip6tables-nft"},
    {"iptables-legacy", "ip6tables-legacy"},
    {NULL, NULL},
};

const char *const xtables_packet_tables[] = {"raw", "mangle", NULL};

struct rule_text {
	FILE *out;
	const char *id;
	int family;
	uint16_t queue;
	const struct pkt_select *select;
	size_t n;
	bool *own, *forwarded; /* chains that are there, with the jumps to them */
};

static bool has(const struct rule_text *t, bool forwarded)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->select[i].forwarded == forwarded)
			return true;
	return false;
}

static bool in_family(const struct pkt_select *s, int family)
{
	return s->addr.sa.sa_family == family ||
	       (s->addr.sa.sa_family == AF_INET6 && addr_is_any(&s->addr));
}

/* " -p tcp -d ADDRESS --dport PORT", or with "s" the source. Any address of a listener means any of
 * this host's; outgoing packets have no other. */
static void write_match(const struct rule_text *t, const struct pkt_select *s, char end)
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

static void write_queue(const struct rule_text *t)
{
	fprintf(t->out, " -j NFQUEUE --queue-num %u --queue-bypass\n", t->queue);
}

/* Of what comes at a listener whose proxy's own packets aren't wanted: who asks for a connection,
 * and who gives up. */
static const char *const *flags_of(const struct pkt_select *s)
{
	static const char *const syns_and_rsts[] = {" --syn", " --tcp-flags RST RST", NULL};
	static const char *const all[] = {"", NULL};

	return s->syns_only ? syns_and_rsts : all;
}

static void write_select(const struct rule_text *t, const struct pkt_select *s, const char *chain,
			 char end)
{
	for (const char *const *flags = flags_of(s); *flags; flags++) {
		fprintf(t->out, "-A wedge-%s-%s", t->id, chain);
		write_match(t, s, end);
		fputs(*flags, t->out);
		write_queue(t);
	}
}

static void write_selects(const struct rule_text *t, bool forwarded, const char *chain, char end)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct pkt_select *s = &t->select[i];

		if (s->forwarded == forwarded && !s->transparent && in_family(s, t->family) &&
		    !(s->syns_only && end == 's'))
			write_select(t, s, chain, end);
	}
}

static void write_injected(const struct rule_text *t, const char *chain)
{
	static const uint32_t marks[] = {NFQ_MARK_INJECTED, NFQ_MARK_INJECTED_HERE};

	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		fprintf(t->out, "-A wedge-%s-%s -m mark --mark 0x%x -j RETURN\n", t->id, chain,
			marks[i]);
}

/* After the look-up of sockets: on one interface come clients' packets, and for server legs the
 * servers', which their marks tell. */
static void write_transparent(const struct rule_text *t, const struct pkt_select *s)
{
	const struct intercept_match *intercept = &s->intercept;

	for (size_t i = 0; i < tproxy_match_count(intercept); i++)
		for (const char *const *flags = flags_of(s);
		     *flags && tproxy_match_family(intercept, i, t->family); flags++) {
			fprintf(t->out, "-A wedge-%s-in", t->id);
			tproxy_match_xtables(t->out, intercept, i);
			fprintf(t->out, "%s -m addrtype ! --dst-type LOCAL", *flags);
			write_queue(t);
		}
}

/* What tells that a server can't be reached to which wedge connects from a client's address. */
static void write_unreachable(const struct rule_text *t, const char *chain)
{
	if (!queue_rules_watch_icmp(t->select, t->n))
		return;
	fprintf(t->out, "-A wedge-%s-%s %s destination-unreachable", t->id, chain,
		t->family == AF_INET ? "-p icmp --icmp-type" : "-p icmpv6 --icmpv6-type");
	write_queue(t);
}

/* Incoming packets know their socket's mark only after a look-up, which is done for unmarked ones
 * and undone when the mark isn't ours; on loopback they still carry the sender's mark, which is
 * taken off first. */
static void write_in(const struct rule_text *t, bool own)
{
	const char *id = t->id;

	write_injected(t, "in");
	write_unreachable(t, "in");
	if (own)
		fprintf(t->out, "-A wedge-%s-in -m mark --mark 0x%x/0x%x -j MARK --set-xmark 0x0\n",
			id, MARK_WEDGE, MARK_WEDGE_MASK);
	write_selects(t, false, "in", 'd');
	if (own)
		fprintf(t->out, "-A wedge-%s-in -p tcp -m mark --mark 0x0 -j wedge-%s-sock\n", id,
			id);
	for (size_t i = 0; i < t->n; i++)
		if (t->select[i].transparent)
			write_transparent(t, &t->select[i]);
	fprintf(t->out, "-A wedge-%s-sock -m socket --nowildcard --restore-skmark\n", id);
	fprintf(t->out, "-A wedge-%s-sock -m mark --mark 0x%x/0x%x", id, MARK_WEDGE,
		MARK_WEDGE_MASK);
	write_queue(t);
	fprintf(t->out, "-A wedge-%s-sock -j MARK --set-xmark 0x0\n", id);
}

/* SYNs of this host before they are redirected: they tell where they wanted to go. */
static void write_wanted(const struct rule_text *t, const struct intercept_match *intercept)
{
	for (size_t i = 0; i < tproxy_match_count(intercept); i++) {
		if (!tproxy_match_family(intercept, i, t->family))
			continue;
		fprintf(t->out, "-A wedge-%s-out", t->id);
		tproxy_match_xtables(t->out, intercept, i);
		fputs(" --syn -m mark --mark 0x0", t->out);
		write_queue(t);
	}
}

/* Outgoing RSTs without a mark are no socket's: the answer to what comes for one that is gone. */
static void write_out(const struct rule_text *t, bool own)
{
	write_injected(t, "out");
	write_unreachable(t, "out");
	write_selects(t, false, "out", 's');
	if (own) {
		fprintf(t->out, "-A wedge-%s-out -p tcp -m mark --mark 0x%x/0x%x", t->id,
			MARK_WEDGE, MARK_WEDGE_MASK);
		write_queue(t);
		fprintf(t->out, "-A wedge-%s-out -p tcp --tcp-flags RST RST -m mark --mark 0x0",
			t->id);
		write_queue(t);
	}
	for (size_t i = 0; i < t->n; i++)
		if (t->select[i].redirected)
			write_wanted(t, &t->select[i].intercept);
}

/* The proxy's own sockets, in the raw table: it is left for the next hook, not the next rule, by
 * what comes back from the queue, and the raw table's other rules are the fewest. */
static void write_own(const struct rule_text *t)
{
	bool own = queue_rules_watch_own(t->select, t->n);
	const char *id = t->id;

	fprintf(t->out,
		"*raw\n:wedge-%s-in - [0:0]\n:wedge-%s-sock - [0:0]\n:wedge-%s-out - [0:0]\n", id,
		id, id);
	write_in(t, own);
	write_out(t, own);
	if (!*t->own)
		fprintf(t->out, "-A PREROUTING -j wedge-%s-in\n-A OUTPUT -j wedge-%s-out\n", id,
			id);
	fputs("COMMIT\n", t->out);
}

static void write_forwarded(const struct rule_text *t)
{
	fprintf(t->out, "*mangle\n:wedge-%s-fwd - [0:0]\n", t->id);
	write_selects(t, true, "fwd", 'd');
	write_selects(t, true, "fwd", 's');
	if (!*t->forwarded)
		fprintf(t->out, "-A FORWARD -j wedge-%s-fwd\n", t->id);
	fputs("COMMIT\n", t->out);
}

static bool host_has_ipv6(void)
{
	return access("/proc/net/if_inet6", F_OK) == 0;
}

int xtables_restore(const struct xtables *x, int family, const char *text, struct err *e)
{
	char *tool = xasprintf("%s-restore", family == AF_INET ? x->v4 : x->v6);
	const char *const argv[] = {tool, "--noflush", "--wait", "5", NULL};
	int rc = tool_run(argv, text, NULL, e);

	free(tool);
	return rc;
}

int xtables_restore_both(const struct xtables *x, xtables_text_fn text, void *arg, bool jump[2],
			 struct err *e)
{
	static const int families[] = {AF_INET, AF_INET6};
	int rc = 0;

	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(families); i++) {
		char *t;

		if (i && !host_has_ipv6())
			return 0;
		t = text(arg, families[i], !jump[i]);
		rc = xtables_restore(x, families[i], t, e);
		jump[i] |= rc == 0;
		free(t);
	}
	return rc;
}

static int set_family(const struct xtables *x, const struct rule_text *like, int family,
		      struct err *e)
{
	struct rule_text t = *like;
	char *text = NULL;
	size_t len;
	int rc;

	t.family = family;
	t.out = open_memstream(&text, &len);
	BUG_ON(!t.out);
	if (has(&t, false) || *t.own)
		write_own(&t);
	if (has(&t, true) || *t.forwarded)
		write_forwarded(&t);
	BUG_ON(fclose(t.out));
	rc = len ? xtables_restore(x, family, text, e) : 0;
	if (rc == 0) {
		*t.own |= has(&t, false);
		*t.forwarded |= has(&t, true);
	}
	free(text);
	return rc;
}

int xtables_set(const struct xtables *x, const char *id, struct xtables_jumps *jumps,
		const struct pkt_select *select, size_t n, uint16_t queue, struct err *e)
{
	struct rule_text t = {.id = id, .queue = queue, .select = select, .n = n};

	t.own = &jumps->own[0];
	t.forwarded = &jumps->forwarded[0];
	if (set_family(x, &t, AF_INET, e) == -1)
		return -1;
	t.own = &jumps->own[1];
	t.forwarded = &jumps->forwarded[1];
	return host_has_ipv6() ? set_family(x, &t, AF_INET6, e) : 0;
}

/* The ID in a word like "wedge-ID-in", or false. */
static bool chain_id(const char *word, char id[ID_MAX])
{
	const char *begin = word + strlen("wedge-"), *dash;

	if (strncmp(word, "wedge-", strlen("wedge-")) != 0)
		return false;
	dash = strchr(begin, '-');
	if (!dash || dash == begin || dash - begin >= ID_MAX)
		return false;
	memcpy(id, begin, (size_t)(dash - begin));
	id[dash - begin] = '\0';
	return true;
}

/* What undoes one table of a saved rule set: jumps from other chains first, then the chains' rules,
 * then the chains. */
struct undo {
	char *text[3];
	FILE *out[3];
};

static void undo_line(struct undo *u, const char *line, bool (*gone)(void *arg, const char *id),
		      void *arg)
{
	char chain[64], target[64], id[ID_MAX];

	if (sscanf(line, ":%63s", chain) == 1 && chain_id(chain, id) && gone(arg, id)) {
		fprintf(u->out[1], "-F %s\n", chain);
		fprintf(u->out[2], "-X %s\n", chain);
	} else if (sscanf(line, "-A %63s -j %63s", chain, target) == 2 && !chain_id(chain, id) &&
		   chain_id(target, id) && gone(arg, id)) {
		fprintf(u->out[0], "-D %s -j %s\n", chain, target);
	}
}

/* Runs what was gathered for one table; nothing gathered, nothing run. */
static int undo_table(struct undo *u, const char *restore, const char *table, struct err *e)
{
	const char *const argv[] = {restore, "--noflush", "--wait", "5", NULL};
	size_t len = 0;
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(u->out); i++) {
		BUG_ON(fclose(u->out[i]));
		len += strlen(u->text[i]);
	}
	if (len) {
		char *text =
		    xasprintf("*%s\n%s%s%sCOMMIT\n", table, u->text[0], u->text[1], u->text[2]);

		rc = tool_run(argv, text, NULL, e);
		free(text);
	}
	for (size_t i = 0; i < ARRAY_LEN(u->out); i++)
		free(u->text[i]);
	return rc;
}

static void undo_begin(struct undo *u, size_t len[3])
{
	for (size_t i = 0; i < ARRAY_LEN(u->out); i++) {
		u->out[i] = open_memstream(&u->text[i], &len[i]);
		BUG_ON(!u->out[i]);
	}
}

/* One table is asked for by name: without one iptables-legacy-save looks into a file that only the
 * host's root may read. A table that can't be read isn't there. */
static int undo_once(const char *tool, const char *table, bool (*gone)(void *arg, const char *id),
		     void *arg, struct err *e)
{
	char *save = xasprintf("%s-save", tool), *restore = xasprintf("%s-restore", tool);
	const char *const argv[] = {save, "-t", table, NULL};
	char *saved = NULL, *rest = NULL;
	struct undo u;
	size_t len[3];
	int rc = 0;

	if (tool_run(argv, NULL, &saved, NULL) == 0) {
		undo_begin(&u, len);
		for (char *line = strtok_r(saved, "\n", &rest); line;
		     line = strtok_r(NULL, "\n", &rest))
			undo_line(&u, line, gone, arg);
		rc = undo_table(&u, restore, table, e);
	}
	free(saved);
	free(save);
	free(restore);
	return rc;
}

/* Legacy iptables replaces a table whole, and the kernel refuses that when somebody else has done
 * so in between: two guards, say, of one wedge that was killed. */
static void remove_table(const char *tool, const char *table,
			 bool (*gone)(void *arg, const char *id), void *arg)
{
	struct err why;

	for (int i = 0; i < UNDO_TRIES; i++) {
		if (undo_once(tool, table, gone, arg, &why) == 0)
			return;
		usleep(UNDO_PAUSE_US);
	}
	/* The next sweep sees it. */
	fprintf(stderr, "wedge: warning: %s\n", why.text);
}

void xtables_remove(const struct xtables *x, const char *const *tables,
		    bool (*gone)(void *arg, const char *id), void *arg)
{
	for (; *tables; tables++) {
		remove_table(x->v4, *tables, gone, arg);
		if (host_has_ipv6())
			remove_table(x->v6, *tables, gone, arg);
	}
}

bool xtables_is_id(void *arg, const char *id)
{
	return strcmp(arg, id) == 0;
}

bool xtables_is_legacy(const struct xtables *x)
{
	const char *const argv[] = {x->v4, "--version", NULL};
	char *version = NULL;
	bool legacy = false;

	if (tool_run(argv, NULL, &version, NULL) == 0)
		legacy = !strstr(version, "nf_tables");
	free(version);
	return legacy;
}
