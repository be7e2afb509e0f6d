/* redirect_conflict.c - walks the rules as such a connection would: from the hook of outgoing NAT
 * through all chains that it may come to. */
#include "proxy/netfilter/redirect_conflict.h"

#include "proxy/base/mem.h"
#include "proxy/netfilter/other_rules.h"
#include "proxy/netfilter/rule_line.h"

#include <ifaddrs.h>
#include <string.h>

#define NAME_BYTES (2 * RULE_CHAIN_BYTES + 8)

/* One line with its table and chain. */
struct ruling {
	const char *text;
	char table[NAME_BYTES], chain[RULE_CHAIN_BYTES];
	bool entry; /* the chain is at the hook: such connections begin there */
	bool walked;
};

struct walk {
	const struct redirect_rules *r;
	bool own_addresses;
	struct ruling *line;
	size_t n;
};

static bool has_prefix(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* "table ip nat {", "\tchain output {", "\t\ttype nat hook output priority ..."; "-A OUTPUT ...".
 */
static void place_line(struct ruling *at, const char *line)
{
	if (sscanf(line, "table %135[^{]", at->table) == 1)
		*at->chain = '\0';
	else if (sscanf(line, " chain %63s", at->chain) == 1)
		at->entry = false;
	else if (strstr(line, "type nat hook output"))
		at->entry = true;
	if (sscanf(line, "-A %63s", at->chain) == 1) {
		*at->table = '\0';
		at->entry = strcmp(at->chain, "OUTPUT") == 0;
	}
	at->text = line;
}

static bool is_own(const struct redirect_rules *r, const struct ruling *l)
{
	char *table = xasprintf("inet wedge-%s ", r->id), *chain = xasprintf("wedge-%s-", r->id);
	bool own = strcmp(l->table, table) == 0 || has_prefix(l->chain, chain);

	free(table);
	free(chain);
	return own;
}

static void read_lines(struct walk *w, char *text)
{
	struct ruling at = {0};
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
		place_line(&at, line);
		if (is_own(w->r, &at))
			continue;
		w->line = xrealloc(w->line, w->n + 1, sizeof(*w->line));
		w->line[w->n++] = at;
	}
}

static int walk_chain(struct walk *w, const struct ruling *at, const char *chain, struct err *e);

/* A connection that w->r selects could meet that rule. */
static bool may_meet_rule(const struct walk *w, const struct rule_line *rule)
{
	if (rule->udp || *rule->match.interface || (rule->local && !w->own_addresses))
		return false;
	for (size_t i = 0; i < w->r->n; i++)
		if (intercept_match_overlap(&w->r->select[i], &rule->match))
			return true;
	return false;
}

static int walk_line(struct walk *w, const struct ruling *l, struct err *e)
{
	struct rule_line rule;
	int rc = 0;

	rule_line_read(l->text, &rule);
	if (!may_meet_rule(w, &rule))
		return 0;
	if (rule.nat)
		return err_set(e,
			       "another rule already sends connections of this host elsewhere: "
			       "'%.200s'; remove it, or choose other ports (--port), addresses "
			       "(--to) or another user (--user)",
			       l->text + strspn(l->text, " \t"));
	for (size_t i = 0; i < rule.njumps && rc == 0; i++)
		rc = walk_chain(w, l, rule.jump[i], e);
	return rc;
}

/* Walks each line once: many chains may lead to one. */
static int walk_chain(struct walk *w, const struct ruling *at, const char *chain, struct err *e)
{
	int rc = 0;

	for (size_t i = 0; i < w->n && rc == 0; i++) {
		struct ruling *l = &w->line[i];

		if (l->walked || strcmp(l->table, at->table) != 0 || strcmp(l->chain, chain) != 0)
			continue;
		l->walked = true;
		rc = walk_line(w, l, e);
	}
	return rc;
}

int redirect_conflict_text(const struct redirect_rules *r, bool own_addresses, char *text,
			   struct err *e)
{
	struct walk w = {.r = r, .own_addresses = own_addresses};
	int rc = 0;

	read_lines(&w, text);
	for (size_t i = 0; i < w.n && rc == 0; i++)
		if (w.line[i].entry && !w.line[i].walked) {
			w.line[i].walked = true;
			rc = walk_line(&w, &w.line[i], e);
		}
	free(w.line);
	return rc;
}

static bool selects_address(const struct redirect_rules *r, const struct sockaddr *sa)
{
	struct addr a = {.len = sizeof(a.in6)};

	if (!sa || (sa->sa_family != AF_INET && sa->sa_family != AF_INET6))
		return false;
	memcpy(&a.in6, sa, sa->sa_family == AF_INET ? sizeof(a.in) : sizeof(a.in6));
	for (size_t i = 0; i < r->n; i++)
		for (size_t k = 0; k < r->select[i].nto; k++)
			if (cidr_contains(&r->select[i].to[k], &a))
				return true;
	return false;
}

static bool selects_own_address(const struct redirect_rules *r)
{
	struct ifaddrs *all;
	bool own = false;

	for (size_t i = 0; i < r->n; i++)
		if (r->select[i].nto == 0)
			return true;
	if (getifaddrs(&all) == -1)
		return true;
	for (const struct ifaddrs *a = all; a && !own; a = a->ifa_next)
		own = selects_address(r, a->ifa_addr);
	freeifaddrs(all);
	return own;
}

struct listing_check {
	const struct redirect_rules *r;
	bool own_addresses;
};

static int check_listing(void *arg, char *text, struct err *e)
{
	const struct listing_check *l = arg;

	return redirect_conflict_text(l->r, l->own_addresses, text, e);
}

int redirect_conflict(struct redirect_rules *r, struct err *e)
{
	struct listing_check l = {.r = r, .own_addresses = selects_own_address(r)};

	return other_rules("nat", check_listing, &l, e);
}
