/* rule_line.c - looks for known words, with no grammar: a rule of other people may say anything,
 * and what isn't understood must not make it look narrower than it is. */
#include "proxy/netfilter/rule_line.h"

#include "proxy/base/mem.h"

#include <ctype.h>
#include <string.h>

enum { WORDS_MAX = 64 };

struct words {
	char *word[WORDS_MAX];
	size_t n;
};

/* The quotes, braces and commas of nft are no part of a word. */
static void split_line(char *line, struct words *w)
{
	char *rest = NULL;

	w->n = 0;
	for (char *p = strtok_r(line, " \t\"{},", &rest); p && w->n < WORDS_MAX;
	     p = strtok_r(NULL, " \t\"{},", &rest))
		w->word[w->n++] = p;
}

static bool is_one_of(const char *word, const char *const *of)
{
	for (; *of; of++)
		if (strcmp(word, *of) == 0)
			return true;
	return false;
}

/* Reads every number or range from there on; iptables writes a range with a colon. A word may be
 * the name of a service, too: tproxy is one. */
static void read_ports(const struct words *w, size_t at, struct intercept_match *out)
{
	for (; at < w->n && isdigit((unsigned char)*w->word[at]); at++) {
		char *colon = strchr(w->word[at], ':');

		if (colon)
			*colon = '-';
		if (intercept_match_ports(out, w->word[at], NULL) == -1)
			return;
	}
}

static void read_nets(const struct words *w, size_t at, struct intercept_match *out)
{
	for (; at < w->n && intercept_match_to(out, w->word[at], NULL) == 0; at++)
		continue;
}

/* A pattern ("eth+") counts as every interface. */
static void read_interface(const char *word, struct intercept_match *out)
{
	if (intercept_match_interface(out, word, NULL) == -1)
		*out->interface = '\0';
}

/* A list, a range or a name counts as every user. */
static void read_user(const struct words *w, size_t at, struct intercept_match *out)
{
	char *end;
	unsigned long user = strtoul(w->word[at], &end, 10);

	if (*end || (at + 1 < w->n && strtoul(w->word[at + 1], NULL, 10)))
		return;
	out->one_user = true;
	out->user = (uid_t)user;
}

static void read_jump(const char *word, struct rule_line *out)
{
	if (out->njumps < RULE_JUMPS_MAX)
		snprintf(out->jump[out->njumps++], RULE_CHAIN_BYTES, "%s", word);
}

static void read_match(const struct words *w, size_t at, struct intercept_match *out)
{
	static const char *const interfaces[] = {"-i", "iifname", "iif", NULL};
	static const char *const ports[] = {"--dport", "--dports", "dport", NULL};
	static const char *const nets[] = {"-d", "daddr", NULL};
	static const char *const users[] = {"--uid-owner", "skuid", NULL};

	if (is_one_of(w->word[at], interfaces))
		read_interface(w->word[at + 1], out);
	else if (is_one_of(w->word[at], ports))
		read_ports(w, at + 1, out);
	else if (is_one_of(w->word[at], nets))
		read_nets(w, at + 1, out);
	else if (is_one_of(w->word[at], users))
		read_user(w, at + 1, out);
}

/* "ct status dnat" matches what another rule has done. */
static void read_word(const struct words *w, size_t at, struct rule_line *out)
{
	static const char *const nat[] = {"REDIRECT", "DNAT", "NETMAP", "redirect", "dnat", NULL};
	static const char *const jumps[] = {"-j", "-g", "jump", "goto", NULL};
	const char *word = w->word[at], *before = at ? w->word[at - 1] : "";

	if (strcmp(before, "status") == 0)
		return;
	out->tproxy |= strcmp(word, "TPROXY") == 0 || strcmp(word, "tproxy") == 0;
	out->nat |= is_one_of(word, nat);
	out->udp |= strcmp(word, "udp") == 0;
	out->local |= strcmp(before, "--dst-type") == 0 && strcmp(word, "LOCAL") == 0;
	out->local |= strcmp(before, "type") == 0 && strcmp(word, "local") == 0;
	if (is_one_of(before, jumps))
		read_jump(word, out);
}

/* A rule of iptables in nft's listing is skipped: iptables-save lists it better. */
static bool is_iptables(const struct words *w)
{
	for (size_t i = 0; i + 1 < w->n; i++)
		if (strcmp(w->word[i], "xt") == 0)
			return true;
	return false;
}

void rule_line_read(const char *line, struct rule_line *out)
{
	char *copy = xstrdup(line);
	struct words w;

	*out = (struct rule_line){0};
	split_line(copy, &w);
	for (size_t i = 0; i < w.n && !is_iptables(&w); i++) {
		if (i && strcmp(w.word[i - 1], "!") == 0)
			continue;
		read_word(&w, i, out);
		if (i + 1 < w.n)
			read_match(&w, i, &out->match);
	}
	free(copy);
}
