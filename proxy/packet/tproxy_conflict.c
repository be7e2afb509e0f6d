/* tproxy_conflict.c - whether somebody else's rules already take connections that a transparent
 * proxy is to take: iptables in both flavours, and nft's listing. */
#include "proxy/packet/tproxy_conflict.h"

#include "proxy/base/mem.h"
#include "proxy/packet/nft_table.h"
#include "proxy/packet/tool.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_MAX = 64 };

struct words {
	char *word[WORDS_MAX];
	size_t n;
};

/* nft's quotes, braces and commas are no part of a word. */
static void split(char *line, struct words *w)
{
	char *rest = NULL;

	w->n = 0;
	for (char *p = strtok_r(line, " \t\"{},", &rest); p && w->n < WORDS_MAX;
	     p = strtok_r(NULL, " \t\"{},", &rest))
		w->word[w->n++] = p;
}

static bool is_any(const char *word, const char *const *of)
{
	for (; *of; of++)
		if (strcmp(word, *of) == 0)
			return true;
	return false;
}

/* Every number or range that follows; iptables writes a range with a colon. */
static void read_ports(const struct words *w, size_t at, struct tproxy_select *out)
{
	for (; at < w->n; at++) {
		char *colon = strchr(w->word[at], ':');

		if (colon)
			*colon = '-';
		if (tproxy_select_ports(out, w->word[at], NULL) == -1)
			return;
	}
}

static void read_nets(const struct words *w, size_t at, struct tproxy_select *out)
{
	for (; at < w->n && tproxy_select_to(out, w->word[at], NULL) == 0; at++)
		continue;
}

/* One that can't be told ("eth+") is every. */
static void read_interface(const char *word, struct tproxy_select *out)
{
	if (tproxy_select_interface(out, word, NULL) == -1)
		*out->interface = '\0';
}

bool tproxy_conflict_line(const char *line, struct tproxy_select *out)
{
	static const char *const targets[] = {"TPROXY", "tproxy", NULL};
	static const char *const interfaces[] = {"-i", "iifname", "iif", NULL};
	static const char *const ports[] = {"--dport", "--dports", "dport", NULL};
	static const char *const nets[] = {"-d", "daddr", NULL};
	char *copy = xstrdup(line);
	bool takes = false, udp = false;
	struct words w;

	*out = (struct tproxy_select){0};
	split(copy, &w);
	for (size_t i = 0; i + 1 < w.n; i++) {
		if (i && strcmp(w.word[i - 1], "!") == 0)
			continue;
		takes |= is_any(w.word[i], targets);
		udp |= strcmp(w.word[i], "udp") == 0;
		if (is_any(w.word[i], interfaces))
			read_interface(w.word[i + 1], out);
		else if (is_any(w.word[i], ports))
			read_ports(&w, i + 1, out);
		else if (is_any(w.word[i], nets))
			read_nets(&w, i + 1, out);
	}
	free(copy);
	return takes && !udp;
}

static int check_line(const struct tproxy_rules *r, const char *line, struct err *e)
{
	struct tproxy_select other;

	if (!tproxy_conflict_line(line, &other))
		return 0;
	for (size_t i = 0; i < r->n; i++) {
		if (!*other.interface)
			memcpy(other.interface, r->select[i].interface, sizeof(other.interface));
		if (tproxy_select_meet(&r->select[i], &other))
			return err_set(e,
				       "another rule already takes connections on %s: '%.200s'; "
				       "remove it, or choose other ports (--port) or addresses "
				       "(--to)",
				       r->select[i].interface, line + strspn(line, " \t"));
	}
	return 0;
}

/* own: what lines of r's own begin with; nft's say it in the table's first line. */
static int check_text(const struct tproxy_rules *r, char *text, const char *own, struct err *e)
{
	size_t own_len = strlen(own);
	bool skip = false;
	char *rest = NULL;
	int rc = 0;

	for (char *line = text ? strtok_r(text, "\n", &rest) : NULL; line && rc == 0;
	     line = strtok_r(NULL, "\n", &rest)) {
		bool mine = strncmp(line, own, own_len) == 0;

		if (strncmp(line, "table ", strlen("table ")) == 0)
			skip = mine;
		if (!mine && !skip)
			rc = check_line(r, line, e);
	}
	free(text);
	return rc;
}

static int check_xtables(const struct tproxy_rules *r, const char *save, struct err *e)
{
	const char *const argv[] = {save, "-t", "mangle", NULL};
	char *text = NULL, *own = xasprintf("-A wedge-%s-tp ", r->id);
	int rc = 0;

	if (tool_run(argv, NULL, &text, NULL) == 0)
		rc = check_text(r, text, own, e);
	free(own);
	return rc;
}

/* Asking iptables-legacy makes its table, so it is asked only where there is one, or where an
 * ordinary user may not know. */
static bool legacy_has_mangle(const char *names)
{
	FILE *f = fopen(names, "re");
	char line[64];
	bool has = !f && errno == EACCES;

	while (f && fgets(line, sizeof(line), f))
		has |= strcmp(line, "mangle\n") == 0;
	if (f)
		fclose(f);
	return has;
}

int tproxy_conflict(const struct tproxy_rules *r, struct err *e)
{
	char *own = xasprintf("table inet wedge-%s ", r->id);
	int rc = check_text(r, nft_list(), own, e);

	free(own);
	if (rc == 0)
		rc = check_xtables(r, "iptables-nft-save", e);
	if (rc == 0)
		rc = check_xtables(r, "ip6tables-nft-save", e);
	if (rc == 0 && legacy_has_mangle("/proc/net/ip_tables_names"))
		rc = check_xtables(r, "iptables-legacy-save", e);
	if (rc == 0 && legacy_has_mangle("/proc/net/ip6_tables_names"))
		rc = check_xtables(r, "ip6tables-legacy-save", e);
	return rc;
}
