/* xtables.c - stateless: which rules to remove is read from the kernel, out of what the tools
 * save. */
#include "proxy/netfilter/xtables.h"

#include "proxy/base/mem.h"
#include "proxy/netfilter/tool.h"

#include <string.h>
#include <sys/socket.h>
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

static bool host_has_ipv6(void)
{
	return access("/proc/net/if_inet6", F_OK) == 0;
}

/* What the text doesn't name stays in the kernel. */
static int restore_family(const struct xtables *x, int family, const char *text, struct err *e)
{
	char *tool = xasprintf("%s-restore", family == AF_INET ? x->v4 : x->v6);
	const char *const argv[] = {tool, "--noflush", "--wait", "5", NULL};
	int rc = tool_run(argv, text, NULL, e);

	free(tool);
	return rc;
}

int xtables_restore_both(const struct xtables *x, xtables_text_fn text, const void *arg,
			 unsigned jumps[2], struct err *e)
{
	static const int families[] = {AF_INET, AF_INET6};

	for (size_t i = 0; i < ARRAY_LEN(families); i++) {
		unsigned then = jumps[i];
		char *t;
		int rc;

		if (families[i] == AF_INET6 && !host_has_ipv6())
			return 0;
		t = text(arg, families[i], &then);
		rc = *t ? restore_family(x, families[i], t, e) : 0;
		free(t);
		if (rc == -1)
			return -1;
		jumps[i] = then;
	}
	return 0;
}

/* Finds the ID in a word like "wedge-ID-in". false: the word is no chain of wedge's. */
static bool parse_chain_id(const char *word, char id[ID_MAX])
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

/* Commands that remove wedge's rules from one table: first the jumps from other chains, then the
 * chains' rules, then the chains. */
struct undo {
	char *text[3];
	FILE *out[3];
};

static void add_undo(struct undo *u, const char *line, bool (*gone)(void *arg, const char *id),
		     void *arg)
{
	char chain[64], target[64], id[ID_MAX];

	if (sscanf(line, ":%63s", chain) == 1 && parse_chain_id(chain, id) && gone(arg, id)) {
		fprintf(u->out[1], "-F %s\n", chain);
		fprintf(u->out[2], "-X %s\n", chain);
	} else if (sscanf(line, "-A %63s -j %63s", chain, target) == 2 &&
		   !parse_chain_id(chain, id) && parse_chain_id(target, id) && gone(arg, id)) {
		fprintf(u->out[0], "-D %s -j %s\n", chain, target);
	}
}

/* Runs the commands for one table, if there are any, and frees them. */
static int run_undo(struct undo *u, const char *restore, const char *table, struct err *e)
{
	const char *const argv[] = {restore, "--noflush", "--wait", "5", NULL};
	size_t len = 0;
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(u->out); i++) {
		xclose_memstream(u->out[i]);
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

static void open_undo(struct undo *u, size_t len[3])
{
	for (size_t i = 0; i < ARRAY_LEN(u->out); i++) {
		u->out[i] = xopen_memstream(&u->text[i], &len[i]);
	}
}

/* The table is named: without a name iptables-legacy-save reads a file that only the host's root
 * may read. A table that can't be read isn't there. */
static int try_undo(const char *tool, const char *table, bool (*gone)(void *arg, const char *id),
		    void *arg, struct err *e)
{
	char *save = xasprintf("%s-save", tool), *restore = xasprintf("%s-restore", tool);
	const char *const argv[] = {save, "-t", table, NULL};
	char *saved = NULL, *rest = NULL;
	struct undo u;
	size_t len[3];
	int rc = 0;

	if (tool_run(argv, NULL, &saved, NULL) == 0) {
		open_undo(&u, len);
		for (char *line = strtok_r(saved, "\n", &rest); line;
		     line = strtok_r(NULL, "\n", &rest))
			add_undo(&u, line, gone, arg);
		rc = run_undo(&u, restore, table, e);
	}
	free(saved);
	free(save);
	free(restore);
	return rc;
}

/* iptables-legacy replaces a table whole, and the kernel refuses that when somebody else has done
 * so in between: for example the two guards of one wedge that was killed. */
static void remove_table(const char *tool, const char *table,
			 bool (*gone)(void *arg, const char *id), void *arg)
{
	struct err why;

	for (int i = 0; i < UNDO_TRIES; i++) {
		if (try_undo(tool, table, gone, arg, &why) == 0)
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
