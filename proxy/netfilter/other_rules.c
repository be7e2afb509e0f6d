/* other_rules.c - nft lists the rules of iptables-nft too, but iptables-nft lists them better. */
#include "proxy/netfilter/other_rules.h"

#include "proxy/base/mem.h"
#include "proxy/netfilter/nft_table.h"
#include "proxy/netfilter/tool.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* iptables-legacy makes the table that it lists, so it lists only one that is there, or that may
 * be: an ordinary user can't read the names. */
static bool has_legacy_table(const char *names, const char *table)
{
	FILE *f = fopen(names, "re");
	char line[64];
	bool has = !f && errno == EACCES;

	while (f && fgets(line, sizeof(line), f))
		has |= strncmp(line, table, strlen(table)) == 0 && line[strlen(table)] == '\n';
	if (f)
		fclose(f);
	return has;
}

int other_rules(const char *table, int (*each)(void *arg, char *text, struct err *e), void *arg,
		struct err *e)
{
	static const struct {
		const char *save;
		const char *names; /* the file with the names of the tables that there are */
	} tools[] = {{"iptables-nft-save", NULL},
		     {"ip6tables-nft-save", NULL},
		     {"iptables-legacy-save", "/proc/net/ip_tables_names"},
		     {"ip6tables-legacy-save", "/proc/net/ip6_tables_names"}};
	char *text = nft_list();
	int rc = text ? each(arg, text, e) : 0;

	free(text);
	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(tools); i++) {
		const char *const argv[] = {tools[i].save, "-t", table, NULL};

		if (tools[i].names && !has_legacy_table(tools[i].names, table))
			continue;
		text = NULL;
		if (tool_run(argv, NULL, &text, NULL) == 0)
			rc = each(arg, text, e);
		free(text);
	}
	return rc;
}
