/* tproxy_conflict.c - each line alone: a TPROXY rule counts wherever its chain is. */
#include "proxy/netfilter/tproxy_conflict.h"

#include "proxy/base/mem.h"
#include "proxy/netfilter/other_rules.h"
#include "proxy/netfilter/rule_line.h"

#include <string.h>

bool tproxy_conflict_line(const char *line, struct intercept_match *out)
{
	struct rule_line read;

	rule_line_read(line, &read);
	*out = read.match;
	return read.tproxy && !read.udp;
}

static int check_line(const struct tproxy_rules *r, const char *line, struct err *e)
{
	struct intercept_match other;

	if (!tproxy_conflict_line(line, &other))
		return 0;
	for (size_t i = 0; i < r->n; i++) {
		if (!*other.interface)
			memcpy(other.interface, r->select[i].interface, sizeof(other.interface));
		if (intercept_match_overlap(&r->select[i], &other))
			return err_set(e,
				       "another rule already takes connections on %s: '%.200s'; "
				       "remove it, or choose other ports (--port) or addresses "
				       "(--to)",
				       r->select[i].interface, line + strspn(line, " \t"));
	}
	return 0;
}

/* In iptables' listings r's own lines begin with its chains' names; in nft's its table's first line
 * names it. */
static int check_text(void *arg, char *text, struct err *e)
{
	const struct tproxy_rules *r = arg;
	char *table = xasprintf("table inet wedge-%s ", r->id);
	char *chain = xasprintf("-A wedge-%s-", r->id), *rest = NULL;
	bool skip = false;
	int rc = 0;

	for (char *line = strtok_r(text, "\n", &rest); line && rc == 0;
	     line = strtok_r(NULL, "\n", &rest)) {
		if (strncmp(line, "table ", strlen("table ")) == 0)
			skip = strncmp(line, table, strlen(table)) == 0;
		if (!skip && strncmp(line, chain, strlen(chain)) != 0)
			rc = check_line(r, line, e);
	}
	free(table);
	free(chain);
	return rc;
}

int tproxy_conflict(struct tproxy_rules *r, struct err *e)
{
	return other_rules("mangle", check_text, r, e);
}
